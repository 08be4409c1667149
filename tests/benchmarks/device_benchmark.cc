// SPDX-License-Identifier: GPL-2.0-only
// Packets and bits a second of processor time, one core doing everything: allocate a frame, write its
// headers, send, receive, free. Processor time, so that neighbours on a shared machine count as little as
// they can.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <rte_mbuf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "tests/benchmarks/lab_benchmark.h"
#include "tests/unit/device/veth.h"

namespace railyard::lab {
namespace {

constexpr uint16_t kBurst = 32;
bool cable = false;
rte_mempool* pool = nullptr;

struct Pair {
  EthernetPort from, to;
};

std::string memif_socket() {
  return fmt::format("/tmp/railyard-benchmark-{}.sock", getpid());
}

tl::expected<Pair, std::string> open_pair(const std::string& kind) {
  const bool ring = kind == "ring";
  const bool memif = kind == "memif";
  if (kind == "af_packet" && !cable) {
    return tl::unexpected(std::string("no veth pair: it takes root or user namespaces, and iproute2"));
  }
  const std::string one = ring    ? "ring:bench,a"
                          : memif ? "memif:" + memif_socket() + ",server"
                                  : "af_packet:veth0";
  const std::string other = ring ? "ring:bench,b" : memif ? "memif:" + memif_socket() : "af_packet:veth1";
  auto from = EthernetPort::open(one, 1, kLargestFrame, pool);
  if (!from) return tl::unexpected(from.error());
  auto to = EthernetPort::open(other, 1, kLargestFrame, pool);
  if (!to) return tl::unexpected(to.error());
  Pair pair{std::move(*from), std::move(*to)};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!(pair.from.link().up && pair.to.link().up)) {
    if (std::chrono::steady_clock::now() > end) return tl::unexpected(one + " does not connect");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return pair;
}

uint64_t drain(EthernetPort& port) {
  std::array<rte_mbuf*, 2 * kBurst> frames;
  const uint16_t received = port.receive(0, frames.data(), frames.size());
  rte_pktmbuf_free_bulk(frames.data(), received);
  return received;
}

void throughput(benchmark::State& state, const std::string& kind) {
  auto pair = open_pair(kind);
  if (!pair) return state.SkipWithError(pair.error().c_str());
  drain(pair->to);  // a memif client posts its buffers when it first looks

  const auto size = static_cast<uint16_t>(state.range(0));
  std::vector<uint8_t> bytes{0x02, 0, 0, 0, 0, 1,    0x02,
                             0,    0, 0, 0, 2, 0x88, 0xb5};  // local experimental EtherType
  bytes.resize(size);
  uint64_t received = 0, sent = 0;
  for (auto _ : state) {
    std::array<rte_mbuf*, kBurst> frames;
    if (rte_pktmbuf_alloc_bulk(pool, frames.data(), kBurst) == 0) {
      for (rte_mbuf* frame : frames) {
        std::memcpy(rte_pktmbuf_append(frame, size), bytes.data(), size);
      }
      const uint16_t taken = pair->from.transmit(0, frames.data(), kBurst);
      rte_pktmbuf_free_bulk(frames.data() + taken, kBurst - taken);
      sent += taken;
    }
    received += drain(pair->to);
  }
  const auto packets = static_cast<double>(received);
  state.counters["packets/s"] = benchmark::Counter(packets, benchmark::Counter::kIsRate);
  state.counters["bits/s"] = benchmark::Counter(packets * size * 8, benchmark::Counter::kIsRate);
  const double lost = sent > received ? static_cast<double>(sent - received) : 0;  // or still under way
  state.counters["lost_percent"] = sent == 0 ? 0 : 100 * lost / static_cast<double>(sent);
}

void print_machine(const Eal& eal) {
  std::string line, processor = "unknown processor";
  for (std::ifstream in("/proc/cpuinfo"); std::getline(in, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    processor = line.substr(line.find(':') + 2);
    break;
  }
  utsname kernel{};
  uname(&kernel);
  benchmark::AddCustomContext("processor", processor);
  benchmark::AddCustomContext("kernel", kernel.release);
  benchmark::AddCustomContext("dpdk",
                              fmt::format("{}, {} huge pages", eal.version, eal.huge_pages ? "with" : "no"));
}

}  // namespace

rte_mempool* benchmark_pool() {
  return pool;
}

BENCHMARK_CAPTURE(throughput, net_ring, "ring")->Arg(64)->Arg(1'024)->Arg(4'096);
BENCHMARK_CAPTURE(throughput, memif, "memif")->Arg(64)->Arg(1'024)->Arg(4'096);
BENCHMARK_CAPTURE(throughput, af_packet, "af_packet")->Arg(64)->Arg(1'024)->Arg(4'096);

}  // namespace railyard::lab

int main(int argc, char** argv) {
  using namespace railyard::lab;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  cable = enter_network_namespace() && make_cable("veth0", "veth1", kLargestFrame);
  EalOptions options;
  options.memory_mb = 256;
  options.ports = {"af_packet:veth0", "af_packet:veth1"};
  const auto eal = start_eal(options);
  if (!eal) {
    std::fprintf(stderr, "device_benchmark: %s\n", eal.error().c_str());
    return 1;
  }
  const auto frames = make_frame_pool("frames", 8'191, kLargestFrame);
  if (!frames) {
    std::fprintf(stderr, "device_benchmark: %s\n", frames.error().c_str());
    return 1;
  }
  pool = frames->get();
  print_machine(*eal);
  benchmark::RunSpecifiedBenchmarks();
  unlink(memif_socket().c_str());
  return 0;
}
