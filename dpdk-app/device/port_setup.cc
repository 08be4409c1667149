// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/port_setup.h"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "dpdk-app/device/interface.h"
#include "dpdk-app/device/packet_sockets.h"
#include "dpdk-app/device/wire_time.h"
#include "traffic/protocol/switching/pause.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kEthernetOverhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
// af_xdp and tap, measured with DPDK 22.11: an XDP buffer is a page with its headroom; tap's driver stops at
// a standard Ethernet frame.
constexpr uint32_t kLargestXdpFrame = 1'982;
constexpr uint32_t kLargestTapFrame = RTE_ETHER_MAX_LEN;
constexpr uint16_t kDescriptors = 1'024;  // a queue's; drivers take the nearest that they have

std::string remedy(PortKind kind) {
  switch (kind) {
    case PortKind::Pci:
      return "no driver of DPDK's holds it: bind it with dpdk-devbind.py -b vfio-pci (mlx5 stays with its "
             "kernel "
             "driver), and name it where DPDK is started";
    case PortKind::AfPacket:
    case PortKind::AfXdp:
    case PortKind::Tap:
      return "it needs CAP_NET_RAW and CAP_NET_ADMIN (root, setcap, or a user namespace: unshare -Urn), and "
             "its "
             "rings must fit into what memory may be locked (ulimit -l; name all ports where DPDK is "
             "started)";
    case PortKind::Memif:
      return "look whether the socket's folder exists and may be written";
    case PortKind::Ring:
    case PortKind::OtherVdev:
      break;
  }
  return "look at its name and arguments";
}

// What a frame may have at most, as far as the interface below decides it.
tl::expected<uint32_t, std::string> carried_bytes(uint32_t wanted, const PortName& name) {
  if (name.kind == PortKind::Tap) return kLargestTapFrame;
  if (name.kind == PortKind::Memif) return frame_slot_bytes(wanted) + RTE_ETHER_CRC_LEN;
  if (name.kind != PortKind::AfPacket && name.kind != PortKind::AfXdp) return UINT32_MAX;

  auto interface = look_up_interface(name.target);
  if (!interface) return tl::unexpected(interface.error());
  if (!interface->up) return tl::unexpected(fmt::format("it is down: ip link set dev {} up", name.target));
  const uint32_t by_mtu = interface->mtu + kEthernetOverhead;
  return name.kind == PortKind::AfXdp ? std::min(by_mtu, kLargestXdpFrame) : by_mtu;
}

std::string too_small(const PortRequest& request, const PortName& name, uint32_t carries) {
  const bool by_driver = name.kind == PortKind::Tap || carries == kLargestXdpFrame;
  if (by_driver)
    return fmt::format(
        "its driver carries frames of at most {} bytes, {} are asked for: use a smaller payload, "
        "or af_packet",
        carries, request.max_frame_bytes);
  return fmt::format(
      "its MTU of {} is too small for frames of {} bytes: ip link set dev {} mtu {}, at both ends",
      carries - kEthernetOverhead, request.max_frame_bytes, name.target,
      request.max_frame_bytes - kEthernetOverhead);
}

tl::expected<uint16_t, std::string> make_ring_device(const PortRequest& request, Device& device) {
  auto link = RingLink::hold(device.name.target, request.queues);
  if (!link) return tl::unexpected(link.error());
  device.link = *link;
  const auto& to_a = device.link->to_a();
  const auto& to_b = device.link->to_b();
  const auto& in = device.name.end == 'b' ? to_b : to_a;  // a port without an end is its own peer
  const auto& out = device.name.end == 'a' ? to_b : to_a;
  const int id = rte_eth_from_rings(device.name.device.c_str(), in.data(), request.queues, out.data(),
                                    request.queues, static_cast<unsigned>(SOCKET_ID_ANY));
  if (id < 0) return tl::unexpected(std::string("it is open already, or there is no memory"));
  return static_cast<uint16_t>(id);
}

tl::expected<uint16_t, std::string> probe(const PortName& name) {
  uint16_t id = 0;
  if (name.kind != PortKind::Pci) {
    if (rte_eth_dev_get_port_by_name(name.device.c_str(), &id) == 0) {
      return tl::unexpected(std::string("it is open already"));
    }
    const std::string arguments = name.arguments.empty() ? name.device : name.device + "," + name.arguments;
    const int result = rte_dev_probe(arguments.c_str());
    if (result != 0) {
      return tl::unexpected(
          fmt::format("DPDK cannot open it ({}); {}", rte_strerror(-result), remedy(name.kind)));
    }
  }
  if (rte_eth_dev_get_port_by_name(name.device.c_str(), &id) != 0) return tl::unexpected(remedy(name.kind));
  return id;
}

struct Buffers {
  uint16_t rx = kDescriptors, tx = kDescriptors;
};

rte_eth_conf configuration(const PortRequest& request, const Device& device, const rte_eth_dev_info& info) {
  rte_eth_conf conf{};
  // These two say 1500 and refuse more, but carry what their slots hold.
  const bool hides_mtu = device.name.kind == PortKind::AfPacket || device.name.kind == PortKind::Memif;
  const uint32_t wanted = std::max<uint32_t>(request.max_frame_bytes - kEthernetOverhead, RTE_ETHER_MTU);
  if (!hides_mtu) conf.rxmode.mtu = wanted;
  if (request.queues > 1 && info.flow_type_rss_offloads != 0) {
    conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf.rx_adv_conf.rss_conf.rss_hf = info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);
  }
  conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP;
  return conf;
}

tl::expected<void, std::string> set_up_queues(const PortRequest& request, uint16_t id) {
  Buffers descriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(id, &descriptors.rx, &descriptors.tx);
  const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id));
  for (uint16_t queue = 0; queue < request.queues; ++queue) {
    const int rx = rte_eth_rx_queue_setup(id, queue, descriptors.rx, socket, nullptr, request.pool);
    const int tx = rx == 0 ? rte_eth_tx_queue_setup(id, queue, descriptors.tx, socket, nullptr) : rx;
    if (tx == 0) continue;
    return tl::unexpected(
        fmt::format("queue {} cannot be set up ({}): the pool's buffers may be too small for "
                    "frames of {} bytes",
                    queue, rte_strerror(-tx), request.max_frame_bytes));
  }
  return {};
}

bool has_hardware_pfc(uint16_t id, PortKind kind) {
  // There is no way to ask but to set, and tap answers without doing anything.
  return kind == PortKind::Pci && set_priority_flow_control(id, 0, false) == 0;
}

}  // namespace

tl::expected<uint32_t, std::string> carried_frame_bytes(const std::string& port, uint32_t wanted) {
  const auto name = parse_port_name(port, 1, wanted);
  const auto carries = name ? carried_bytes(wanted, *name) : tl::unexpected(name.error());
  if (!carries) return tl::unexpected(fmt::format("port '{}': {}", port, carries.error()));
  return std::min(*carries, wanted);
}

tl::expected<uint32_t, std::string> own_frame_bytes(const std::string& port, uint32_t otherwise) {
  const auto name = parse_port_name(port, 1, otherwise);
  const bool has_interface = name && (name->kind == PortKind::AfPacket || name->kind == PortKind::AfXdp);
  return carried_frame_bytes(port, has_interface ? kLargestPortFrame : otherwise);
}

tl::expected<Device, std::string> make_device(const PortRequest& request) {
  auto name = parse_port_name(request.name, request.queues, request.max_frame_bytes);
  if (!name) return tl::unexpected(name.error());
  auto carries = carried_bytes(request.max_frame_bytes, *name);
  if (!carries) return tl::unexpected(carries.error());
  if (*carries < request.max_frame_bytes) return tl::unexpected(too_small(request, *name, *carries));
  if (name->kind == PortKind::Memif && name->server) {
    if (auto removed = remove_stale_socket(name->target); !removed) return tl::unexpected(removed.error());
  }
  Device device;
  device.name = *name;
  device.carries_bytes = *carries;
  auto id = name->kind == PortKind::Ring ? make_ring_device(request, device) : probe(*name);
  if (!id) return tl::unexpected(id.error());
  constexpr uint64_t kMoreThanAnyRing = 64 << 20;
  if (name->kind == PortKind::AfPacket) raise_send_buffers(kMoreThanAnyRing);
  device.id = *id;
  return device;
}

tl::expected<DeviceProperties, std::string> set_up_device(const PortRequest& request, const Device& device) {
  const uint16_t id = device.id;
  rte_eth_dev_info info{};
  rte_eth_dev_info_get(id, &info);
  const uint16_t most_queues = std::min(info.max_rx_queues, info.max_tx_queues);
  if (request.queues == 0 || request.queues > most_queues) {
    return tl::unexpected(
        fmt::format("{} queues are asked for; it has 1 to {}", request.queues, most_queues));
  }
  const rte_eth_conf conf = configuration(request, device, info);
  if (const int result = rte_eth_dev_configure(id, request.queues, request.queues, &conf); result != 0) {
    return tl::unexpected(fmt::format("it refuses {} queues and frames of {} bytes ({})", request.queues,
                                      request.max_frame_bytes, rte_strerror(-result)));
  }
  if (auto queues = set_up_queues(request, id); !queues) return tl::unexpected(queues.error());
  if (const int result = rte_eth_dev_start(id); result != 0) {
    return tl::unexpected(
        fmt::format("it does not start ({}); {}", rte_strerror(-result), remedy(device.name.kind)));
  }
  rte_eth_promiscuous_enable(id);  // some virtual devices have no such mode: they let all through

  DeviceProperties properties;
  properties.driver = info.driver_name;
  PortCapabilities& can = properties.capabilities;
  can.queues = most_queues;
  const uint32_t by_driver = conf.rxmode.mtu != 0 ? conf.rxmode.mtu + kEthernetOverhead : UINT32_MAX;
  can.max_frame_bytes = std::min(device.carries_bytes, by_driver);
  can.hardware_pfc = has_hardware_pfc(id, device.name.kind);
  const bool stamps = conf.rxmode.offloads != 0 || properties.driver == kPcapDriver;
  can.receive_timestamps = stamps && register_receive_time();
  can.is_virtual = device.name.kind != PortKind::Pci;
  return properties;
}

void remove_device(uint16_t id) {
  rte_eth_dev_info info{};
  const bool known = rte_eth_dev_info_get(id, &info) == 0;
  // memif's driver follows the other end's closing in a thread of the EAL's, without a lock against ours.
  constexpr auto kDisconnects = std::chrono::milliseconds(20);
  if (known && std::string_view(info.driver_name) == "net_memif") std::this_thread::sleep_for(kDisconnects);
  rte_eth_dev_stop(id);
  rte_eth_dev_close(id);
  if (known && info.device != nullptr) rte_dev_remove(info.device);
}

int set_priority_flow_control(uint16_t id, uint8_t priority, bool on) {
  rte_eth_pfc_conf conf{};
  conf.priority = priority;
  conf.fc.mode = on ? RTE_ETH_FC_FULL : RTE_ETH_FC_NONE;
  conf.fc.pause_time = kLongestPause;
  conf.fc.send_xon = 1;
  return rte_eth_dev_priority_flow_ctrl_set(id, &conf);
}

}  // namespace railyard::lab
