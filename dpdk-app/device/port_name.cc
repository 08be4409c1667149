// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/port_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <vector>

#include "dpdk-app/device/locked_memory.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard::lab {
namespace {

constexpr std::string_view kForms =
    "a PCI address (0000:3b:00.1), af_packet:IFACE, af_xdp:IFACE, memif:PATH[,server], tap:NAME, "
    "ring:NAME[,a|,b] or a DPDK virtual device (net_...,k=v)";

// TPACKET_V2 puts its header and alignment before the frame: 66 bytes, measured with DPDK 22.11.
constexpr uint32_t kPacketRingHeader = 66;
constexpr uint32_t kSmallestSlot = 2'048;  // the driver's default
constexpr uint32_t kSlotStep = 1'024;

constexpr size_t kLongestInterfaceName = 15;  // IFNAMSIZ - 1
constexpr size_t kLongestSocketPath = 107;    // sun_path
constexpr size_t kLongestDeviceName = 63;     // RTE_DEV_NAME_MAX_LEN - 1

using Result = tl::expected<PortName, std::string>;

// A device name of letters, digits and '_' that is another for another target.
std::string device_name(std::string_view driver, std::string_view target) {
  std::string name(driver);
  name += '_';
  for (char c : target) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (name.size() <= kLongestDeviceName) return name;
  return name.substr(0, 40) + fmt::format("{:016x}", std::hash<std::string_view>()(target));
}

void add_argument(PortName& port, std::string_view argument) {
  if (!port.arguments.empty()) port.arguments += ',';
  port.arguments += argument;
}

Result interface(PortKind kind, std::string_view target, std::string_view text) {
  if (target.empty() || target.size() > kLongestInterfaceName) {
    return tl::unexpected(fmt::format("port '{}': an interface's name has 1 to {} characters (see ip link)",
                                      text, kLongestInterfaceName));
  }
  PortName port;
  port.kind = kind;
  port.target = target;
  const char* driver = kind == PortKind::AfPacket ? "net_af_packet"
                       : kind == PortKind::AfXdp  ? "net_af_xdp"
                                                  : "net_tap";
  port.device = device_name(driver, target);
  port.arguments = fmt::format("iface={}", target);
  return port;
}

Result af_packet(std::string_view target, std::string_view text, uint16_t queues, uint32_t max_frame_bytes) {
  Result port = interface(PortKind::AfPacket, target, text);
  if (!port) return port;
  const uint32_t slot = frame_slot_bytes(max_frame_bytes), block = packet_block_bytes(slot);
  // qdisc_bypass: without it each frame goes through the interface's queueing discipline.
  add_argument(*port, fmt::format("qpairs={},framesz={},blocksz={},framecnt={},qdisc_bypass=1", queues, slot,
                                  block, packet_ring_frames(queues, slot, block)));
  return port;
}

Result memif(std::string_view path, std::string_view text, uint32_t max_frame_bytes) {
  if (path.empty() || path.front() != '/' || path.size() > kLongestSocketPath) {
    return tl::unexpected(fmt::format(
        "port '{}': memif takes the absolute path of a socket, at most {} bytes", text, kLongestSocketPath));
  }
  PortName port;
  port.kind = PortKind::Memif;
  port.target = path;
  port.device = device_name("net_memif", path);
  // A socket in the file system is seen from other network namespaces, an abstract one is not.
  port.arguments =
      fmt::format("socket={},socket-abstract=no,bsize={}", path, frame_slot_bytes(max_frame_bytes));
  return port;
}

Result ring(std::string_view target, std::string_view text) {
  constexpr size_t kLongest = 16;  // rte_ring names have 28 characters, and the driver adds its own
  if (target.empty() || target.size() > kLongest) {
    return tl::unexpected(fmt::format("port '{}': a ring's name has 1 to {} characters", text, kLongest));
  }
  PortName port;
  port.kind = PortKind::Ring;
  port.target = target;
  port.device = device_name("ring", target);
  return port;
}

// What stands behind the first comma: flags of ours, then the driver's arguments as they are.
tl::expected<void, std::string> add_options(PortName& port, std::string_view options, std::string_view text) {
  while (!options.empty()) {
    const std::string_view word = options.substr(0, options.find(','));
    options.remove_prefix(std::min(word.size() + 1, options.size()));
    if (port.kind == PortKind::Memif && (word == "server" || word == "client")) {
      port.server = word == "server";
    } else if (port.kind == PortKind::Ring && (word == "a" || word == "b")) {
      port.end = word.front();
    } else if (port.kind != PortKind::Ring && word.find('=') != std::string_view::npos) {
      add_argument(port, word);
    } else {
      return tl::unexpected(
          fmt::format("port '{}': '{}' is not an option of it; right would be {}", text, word, kForms));
    }
  }
  if (port.kind == PortKind::Memif) {
    add_argument(port, port.server ? "role=server" : "role=client");
    if (port.server) port.device += "_server";  // both ends may be in one process
  }
  if (port.end != 0) port.device += fmt::format("_{}", port.end);
  return {};
}

Result other_vdev(std::string_view text) {
  PortName port;
  port.kind = PortKind::OtherVdev;
  const size_t comma = std::min(text.find(','), text.size());
  port.device = text.substr(0, comma);
  if (comma < text.size()) port.arguments = text.substr(comma + 1);
  return port;
}

Result unknown(std::string_view text, std::string_view scheme) {
  return tl::unexpected(fmt::format("port '{}' is not {}{}", text, kForms,
                                    did_you_mean(scheme, {"af_packet", "af_xdp", "memif", "tap", "ring"})));
}

}  // namespace

bool is_pci_address(std::string_view name) {
  static const std::regex address("([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]");
  return std::regex_match(name.begin(), name.end(), address);
}

uint32_t frame_slot_bytes(uint32_t max_frame_bytes) {
  const uint32_t steps = (max_frame_bytes + kPacketRingHeader + kSlotStep - 1) / kSlotStep;
  return std::max(kSmallestSlot, steps * kSlotStep);
}

uint32_t packet_block_bytes(uint32_t slot_bytes) {
  constexpr uint32_t kLargestBlock = 262'144, kSlotsThatMakePages = 4;  // of slots in steps of kSlotStep
  const uint32_t slots = kLargestBlock / slot_bytes / kSlotsThatMakePages * kSlotsThatMakePages;
  return std::max(slots, kSlotsThatMakePages) * slot_bytes;
}

Result parse_port_name(std::string_view text, uint16_t queues, uint32_t max_frame_bytes) {
  if (is_pci_address(text)) {
    PortName port;
    port.device = text.size() < std::string_view("0000:3b:00.1").size() ? fmt::format("0000:{}", text) : text;
    return port;
  }
  if (text.substr(0, 4) == "net_") return other_vdev(text);

  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return unknown(text, text);
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  const size_t comma = std::min(rest.find(','), rest.size());
  const std::string_view target = rest.substr(0, comma);

  Result port = scheme == "af_packet" ? af_packet(target, text, queues, max_frame_bytes)
                : scheme == "af_xdp"  ? interface(PortKind::AfXdp, target, text)
                : scheme == "tap"     ? interface(PortKind::Tap, target, text)
                : scheme == "memif"   ? memif(target, text, max_frame_bytes)
                : scheme == "ring"    ? ring(target, text)
                                      : unknown(text, scheme);
  if (!port) return port;
  const std::string_view options = comma < rest.size() ? rest.substr(comma + 1) : std::string_view();
  if (auto added = add_options(*port, options, text); !added) return tl::unexpected(added.error());
  return port;
}

}  // namespace railyard::lab
