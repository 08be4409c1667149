// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/switch_record.h"

#include <fmt/format.h>

#include <algorithm>

namespace railyard::lab {
namespace {

record::Port port_of(const EmulatedSwitch& from, uint32_t index, const std::string& name) {
  const TrafficCounters counters = from.traffic().counters(index);
  record::Port port;
  port.node = name;
  port.name = fmt::format("{}:{}", name, index);
  port.is_switch = true;
  port.rate = from.settings().rates[index];
  port.tx_packets = counters.tx_packets;
  port.tx_bytes = counters.tx_bytes;
  port.tx_data_packets = counters.tx_data_packets;
  port.ecn_marked = counters.ecn_marked;
  port.drops = counters.drops;
  port.drops[static_cast<size_t>(DropReason::LinkFault)] =
      from.faults(index, Direction::In).counters().dropped +
      from.faults(index, Direction::Out).counters().dropped;
  port.pfc_pauses_sent = counters.pauses_sent;
  port.pfc_pauses_received = from.traffic().pauses(index).count();
  port.max_queue_bytes = counters.max_queue_bytes;
  return port;
}

}  // namespace

record::Record switch_record(const EmulatedSwitch& from, const std::string& name, SimTime start,
                             SimTime end) {
  record::Record record;
  record.duration = end - start;
  for (uint32_t i = 0; i < from.port_count(); ++i) {
    record.ports.push_back(port_of(from, i, name));
    record.totals.packet_hops += record.ports.back().tx_packets;
    record.totals.data_hops += record.ports.back().tx_data_packets;
    if (from.samples().interval == SimTime{}) continue;
    record.queues.push_back({i, from.samples().interval, from.samples().bytes[i]});
  }
  const auto add = [&](uint32_t port, uint8_t queue, SimTime since, SimTime until) {
    const SimTime from_start = std::max(SimTime{}, since - start), to_end = std::min(until, end) - start;
    if (from_start >= to_end) return;
    record.pauses.push_back({port, queue, from_start, to_end});
    record.ports[port].paused += to_end - from_start;
  };
  for (const PortPause& pause : from.pauses())
    if (pause.start < end) add(pause.port, pause.queue, pause.start, pause.end);
  for (uint32_t i = 0; i < from.port_count(); ++i) {
    const PauseState& pauses = from.traffic().pauses(i);
    for (uint32_t queue = 0; queue < kPriorities; ++queue)
      if (pauses.paused(queue)) add(i, static_cast<uint8_t>(queue), pauses.since(queue), end);
  }
  return record;
}

}  // namespace railyard::lab
