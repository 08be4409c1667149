// SPDX-License-Identifier: BSD-3-Clause
// railyard-ecn-marker: loads ecn_marker.bpf.c, attaches it to ports, waits for SIGTERM or SIGINT and prints
// what it counted as JSON. dpdk-app/testbed/linux-switch starts it.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "dpdk-app/testbed/ecn_marker_port.h"

namespace railyard::lab {
namespace {

constexpr uint64_t kPicosecondsPerByteAt1Mbps = 8'000'000;

struct Options {
  uint64_t rate_mbps = 0;
  uint64_t threshold_bytes = 0;
  std::vector<std::string> interfaces;
};

using Object = std::unique_ptr<bpf_object, decltype(&bpf_object__close)>;

bpf_tc_hook egress_of(unsigned index) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = static_cast<int>(index);
  hook.attach_point = BPF_TC_EGRESS;
  return hook;
}

tl::expected<unsigned, std::string> index_of(const std::string& interface) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0)
    return tl::unexpected(fmt::format("{}: there is no such interface in this namespace", interface));
  return index;
}

tl::expected<void, std::string> attach(const std::string& interface, int program, int map,
                                       const Options& options) {
  const auto index = index_of(interface);
  if (!index) return tl::unexpected(index.error());
  ecn_marker_port port{};
  port.ps_per_byte = kPicosecondsPerByteAt1Mbps / options.rate_mbps;
  port.threshold_bytes = options.threshold_bytes;
  if (bpf_map_update_elem(map, &*index, &port, BPF_ANY) != 0) {
    return tl::unexpected(
        fmt::format("{}: cannot set the marker's parameters: {}", interface, strerror(errno)));
  }
  bpf_tc_hook hook = egress_of(*index);
  int error = bpf_tc_hook_create(&hook);
  if (error != 0 && error != -EEXIST) {
    return tl::unexpected(fmt::format("{}: cannot add a clsact qdisc: {}", interface, strerror(-error)));
  }
  bpf_tc_opts attachment{};
  attachment.sz = sizeof attachment;
  attachment.prog_fd = program;
  error = bpf_tc_attach(&hook, &attachment);
  if (error != 0) {
    return tl::unexpected(fmt::format("{}: cannot attach the marker: {}", interface, strerror(-error)));
  }
  return {};
}

// The BPF program lies beside this one.
tl::expected<Object, std::string> load() {
  std::error_code ignored;
  const std::string path =
      std::filesystem::read_symlink("/proc/self/exe", ignored).replace_filename("ecn_marker.bpf.o");
  Object object(bpf_object__open_file(path.c_str(), nullptr), &bpf_object__close);
  if (!object) return tl::unexpected(fmt::format("{}: cannot read it: {}", path, strerror(errno)));
  const int error = bpf_object__load(object.get());
  if (error == -EPERM) {
    return tl::unexpected<std::string>("the kernel takes BPF programs from root only: run it as root");
  }
  if (error != 0)
    return tl::unexpected(fmt::format("the kernel does not take the program: {}", strerror(-error)));
  return object;
}

nlohmann::json counters(int map, const std::vector<std::string>& interfaces) {
  nlohmann::json result = nlohmann::json::object();
  for (const std::string& interface : interfaces) {
    const unsigned index = if_nametoindex(interface.c_str());
    ecn_marker_port port{};
    if (index == 0 || bpf_map_lookup_elem(map, &index, &port) != 0) continue;  // the port has gone
    result[interface] = {{"frames", port.frames},
                         {"wire_bytes", port.bytes},
                         {"ecn_marked", port.marked},
                         {"max_queue_bytes", port.max_queue_bytes}};
  }
  return result;
}

tl::expected<void, std::string> mark_until_stopped(const Options& options) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, nullptr);

  auto object = load();
  if (!object) return tl::unexpected(object.error());
  const int program = bpf_program__fd(bpf_object__find_program_by_name(object->get(), "mark_ecn"));
  const int map = bpf_object__find_map_fd_by_name(object->get(), "ports");
  for (const std::string& interface : options.interfaces) {
    if (auto attached = attach(interface, program, map, options); !attached) return attached;
  }
  fmt::print(stderr, "marking on {} ports\n", options.interfaces.size());
  int signal = 0;
  sigwait(&stop, &signal);
  fmt::print("{}\n", counters(map, options.interfaces).dump());
  for (const std::string& interface : options.interfaces) {
    bpf_tc_hook hook = egress_of(if_nametoindex(interface.c_str()));
    bpf_tc_hook_destroy(&hook);
  }
  return {};
}

}  // namespace
}  // namespace railyard::lab

// CLI11 throws where the table of options contradicts itself.
int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape)
  railyard::lab::Options options;
  CLI::App app(
      "Marks CE on what leaves by a port whose virtual queue is longer than a threshold, until SIGTERM; then "
      "prints what it counted as JSON.");
  app.add_option("--rate-mbps", options.rate_mbps, "Rate at which the virtual queues drain")
      ->required()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--threshold-bytes", options.threshold_bytes, "Queue above which every frame is marked")
      ->required();
  app.add_option("interface", options.interfaces, "Ports")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (auto marked = railyard::lab::mark_until_stopped(options); !marked) {
    fmt::print(stderr, "railyard-ecn-marker: error: {}\n", marked.error());
    return 1;
  }
  return 0;
}
