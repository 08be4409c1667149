// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/port_table.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {
namespace {

double megabits_per_second(uint64_t bytes, SimTime time) {
  constexpr double kBitsPerByte = 8, kMega = 1e6;
  return time <= SimTime{} ? 0 : kBitsPerByte * static_cast<double>(bytes) / kMega / time.to_seconds();
}

bool counts_anew(const Snapshot& before, const Snapshot& now) {
  for (size_t i = 0; i < now.ports.size(); ++i)
    if (now.ports[i].rx_wire_bytes < before.ports[i].rx_wire_bytes ||
        now.ports[i].tx_wire_bytes < before.ports[i].tx_wire_bytes)
      return true;
  return false;
}

struct Rates {
  double rx_mbps, tx_mbps;
};

std::vector<Rates> rates(const Snapshot& before, const Snapshot& now) {
  const bool anew = counts_anew(before, now);
  const SimTime time = now.at - before.at;
  std::vector<Rates> rates;
  for (size_t i = 0; i < now.ports.size(); ++i) {
    const PortRow from = anew ? PortRow() : before.ports[i];
    rates.push_back({megabits_per_second(now.ports[i].rx_wire_bytes - from.rx_wire_bytes, time),
                     megabits_per_second(now.ports[i].tx_wire_bytes - from.tx_wire_bytes, time)});
  }
  return rates;
}

std::array<std::pair<const char*, uint64_t>, 5> named(const OffloadCounters& frames) {
  return {{{"completed", frames.completed},
           {"cut", frames.cut},
           {"made", frames.made},
           {"undeliverable", frames.undeliverable},
           {"no_buffer", frames.no_buffer}}};
}

}  // namespace

Snapshot snapshot_of(const EmulatedSwitch& from, const std::vector<std::string>& names, SimTime now) {
  Snapshot snapshot;
  snapshot.at = now;
  for (uint32_t i = 0; i < from.port_count(); ++i) {
    const TrafficCounters t = from.traffic().counters(i);
    const LinkCounters& l = from.counters(i);
    PortRow row;
    row.name = names[i];
    row.rx_packets = l.rx_packets;
    row.tx_packets = t.tx_packets;
    row.rx_wire_bytes = l.rx_bytes + wire::kPreambleAndGap * l.rx_packets;
    row.tx_wire_bytes = t.tx_bytes + wire::kPreambleAndGap * t.tx_packets;
    row.queued_bytes = from.traffic().queued_bytes(i);
    row.max_queue_bytes = t.max_queue_bytes;
    row.marked = t.ecn_marked;
    row.pauses_sent = t.pauses_sent;
    row.pauses_received = from.traffic().pauses(i).count();
    for (const uint64_t count : t.drops) row.drops += count;
    row.given_up = l.no_frame + l.no_buffer + l.too_long + l.cut_short + l.refused;
    for (const Direction direction : {Direction::In, Direction::Out})
      row.faults += from.faults(i, direction).counters().dropped;
    snapshot.ports.push_back(row);
  }
  return snapshot;
}

std::string port_table(const Snapshot& before, const Snapshot& now) {
  std::string text = fmt::format("{:<4}{:<20}{:>12}{:>12}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "",
                                 "port", "in Mb/s", "out Mb/s", "queue B", "most B", "marked", "paused",
                                 "pauses", "dropped", "faults", "given up");
  const std::vector<Rates> speed = rates(before, now);
  for (size_t i = 0; i < now.ports.size(); ++i) {
    const PortRow& b = now.ports[i];
    text += fmt::format("{:<4}{:<20}{:>12.3f}{:>12.3f}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", i,
                        b.name, speed[i].rx_mbps, speed[i].tx_mbps, b.queued_bytes, b.max_queue_bytes,
                        b.marked, b.pauses_received, b.pauses_sent, b.drops, b.faults, b.given_up);
  }
  return text;
}

std::string summary_json(const Snapshot& start, const Snapshot& end, const Histogram& lateness) {
  nlohmann::ordered_json json;
  json["seconds"] = (end.at - start.at).to_seconds();
  for (const double percent : {50.0, 99.0, 99.9})
    json["lateness_us"][fmt::format("p{}", percent)] =
        SimTime{lateness.percentile(percent)}.to_microseconds();
  json["lateness_us"]["max"] = SimTime{lateness.maximum()}.to_microseconds();
  const std::vector<Rates> speed = rates(start, end);
  for (size_t i = 0; i < end.ports.size(); ++i) {
    const PortRow& b = end.ports[i];
    nlohmann::ordered_json port;
    port["port"] = b.name;
    port["rx_packets"] = b.rx_packets;
    port["tx_packets"] = b.tx_packets;
    port["rx_mbps"] = speed[i].rx_mbps;
    port["tx_mbps"] = speed[i].tx_mbps;
    port["max_queue_bytes"] = b.max_queue_bytes;
    port["ecn_marked"] = b.marked;
    port["pfc_pauses_sent"] = b.pauses_sent;
    port["pfc_pauses_received"] = b.pauses_received;
    port["drops"] = b.drops;
    port["fault_drops"] = b.faults;
    for (const auto& [name, count] : named(b.offload)) port["offload"][name] = count;
    port["given_up"] = b.given_up;
    json["ports"].push_back(std::move(port));
  }
  return json.dump(2) + "\n";
}

void export_metrics(const Snapshot& now, const Histogram& lateness, PrometheusEndpoint& to) {
  for (size_t i = 0; i < now.ports.size(); ++i) {
    const PortRow& row = now.ports[i];
    for (const auto& [name, value] : {std::pair("rx_packets", row.rx_packets),
                                      {"tx_packets", row.tx_packets},
                                      {"rx_wire_bytes", row.rx_wire_bytes},
                                      {"tx_wire_bytes", row.tx_wire_bytes},
                                      {"queued_bytes", row.queued_bytes},
                                      {"max_queue_bytes", row.max_queue_bytes},
                                      {"ecn_marked", row.marked},
                                      {"pauses_sent", row.pauses_sent},
                                      {"pauses_received", row.pauses_received},
                                      {"dropped", row.drops},
                                      {"fault_dropped", row.faults},
                                      {"given_up", row.given_up}})
      to.set_gauge(fmt::format("port{}_{}", i, name), static_cast<double>(value));
    for (const auto& [name, value] : named(row.offload))
      to.set_gauge(fmt::format("port{}_offload_{}", i, name), static_cast<double>(value));
  }
  to.set_histogram("lateness", lateness);
}

}  // namespace railyard::lab
