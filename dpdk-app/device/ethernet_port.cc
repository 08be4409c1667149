// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/ethernet_port.h"

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "dpdk-app/device/eal_log.h"
#include "dpdk-app/device/packet_receiver.h"
#include "dpdk-app/device/port_name.h"
#include "dpdk-app/device/port_setup.h"

namespace railyard::lab {

tl::expected<EthernetPort, std::string> EthernetPort::open(const std::string& name, uint16_t queues,
                                                           uint32_t max_frame_bytes, rte_mempool* pool) {
  const EalLogCapture log;
  const PortRequest request{name, queues, max_frame_bytes, pool};
  auto device = make_device(request);
  if (!device) return tl::unexpected(fmt::format("port '{}': {}{}", name, device.error(), log.remark()));

  EthernetPort port;  // from here on its destructor takes the device away again
  port.open_ = true;
  port.name_ = name;
  port.id_ = device->id;
  port.link_ = device->link;
  auto set_up = set_up_device(request, *device);
  if (!set_up) return tl::unexpected(fmt::format("port '{}': {}{}", name, set_up.error(), log.remark()));
  port.driver_ = set_up->driver;
  port.capabilities_ = set_up->capabilities;

  rte_ether_addr mac{};
  rte_eth_macaddr_get(port.id_, &mac);
  std::copy_n(mac.addr_bytes, port.mac_.size(), port.mac_.begin());
  return port;
}

EthernetPort::EthernetPort(EthernetPort&& other) noexcept {
  *this = std::move(other);
}

EthernetPort& EthernetPort::operator=(EthernetPort&& other) noexcept {
  if (this == &other) return *this;
  close();
  name_ = std::move(other.name_);
  driver_ = std::move(other.driver_);
  id_ = other.id_;
  open_ = std::exchange(other.open_, false);
  mac_ = other.mac_;
  capabilities_ = other.capabilities_;
  link_ = std::move(other.link_);
  receiver_ = std::move(other.receiver_);
  return *this;
}

EthernetPort::~EthernetPort() {
  close();
}

void EthernetPort::close() {
  if (!std::exchange(open_, false)) return;
  receiver_.reset();
  const EalLogCapture log;  // memif complains about its own memory
  remove_device(id_);
  link_.reset();
}

LinkState EthernetPort::link() const {
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(id_, &link) != 0) return {};
  LinkState state;
  state.up = link.link_status == RTE_ETH_LINK_UP;
  if (link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN) state.rate = BitRate::megabits(link.link_speed);
  return state;
}

PortStatistics EthernetPort::statistics() const {
  rte_eth_stats s{};
  PortStatistics statistics;
  if (rte_eth_stats_get(id_, &s) != 0) return statistics;
  statistics.rx_packets = s.ipackets;
  statistics.rx_bytes = s.ibytes;
  if (receiver_ != nullptr) {
    statistics.rx_packets += receiver_->packets();
    statistics.rx_bytes += receiver_->bytes();
  }
  statistics.rx_missed = s.imissed;
  statistics.rx_errors = s.ierrors;
  statistics.rx_no_buffer = s.rx_nombuf;
  statistics.tx_packets = s.opackets;
  statistics.tx_bytes = s.obytes;
  statistics.tx_errors = s.oerrors;
  return statistics;
}

std::vector<std::pair<std::string, uint64_t>> EthernetPort::named_statistics() const {
  const int known = rte_eth_xstats_get_names(id_, nullptr, 0);
  if (known <= 0) return {};
  std::vector<rte_eth_xstat_name> names(static_cast<size_t>(known));
  std::vector<rte_eth_xstat> values(names.size());
  const auto size = static_cast<unsigned>(known);
  if (rte_eth_xstats_get_names(id_, names.data(), size) != known) return {};
  if (rte_eth_xstats_get(id_, values.data(), size) != known) return {};
  std::vector<std::pair<std::string, uint64_t>> statistics;
  for (const rte_eth_xstat& value : values) statistics.emplace_back(names[value.id].name, value.value);
  return statistics;
}

tl::expected<void, std::string> EthernetPort::set_hardware_pfc(PrioritySet priorities) {
  const EalLogCapture log;
  for (uint8_t priority = 0; priority < kPriorities; ++priority) {
    const int result = set_priority_flow_control(id_, priority, priorities.has(priority));
    if (result == 0) continue;
    return tl::unexpected(fmt::format("port '{}': the NIC refuses PFC for priority {}: {}{}", name_, priority,
                                      rte_strerror(-result), log.remark()));
  }
  return {};
}

tl::expected<void, std::string> EthernetPort::finish_offloads(uint32_t max_frame_bytes, rte_mempool* pool) {
  const auto name = parse_port_name(name_, 1, max_frame_bytes);
  if (!name || name->kind != PortKind::AfPacket) return {};
  auto opened = PacketReceiver::open(name->target, max_frame_bytes, pool);
  if (!opened) return tl::unexpected(fmt::format("port '{}': {}", name_, opened.error()));
  receiver_ = *std::move(opened);
  return {};
}

OffloadCounters EthernetPort::offload() const {
  return receiver_ != nullptr ? receiver_->counters() : OffloadCounters{};
}

uint16_t EthernetPort::receive(uint16_t queue, rte_mbuf** frames, uint16_t room) {
  if (receiver_ != nullptr) return queue == 0 ? receiver_->receive(frames, room) : uint16_t{0};
  return rte_eth_rx_burst(id_, queue, frames, room);
}

uint16_t EthernetPort::transmit(uint16_t queue, rte_mbuf** frames, uint16_t count) {
  return rte_eth_tx_burst(id_, queue, frames, count);
}

}  // namespace railyard::lab
