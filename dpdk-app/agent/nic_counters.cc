// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_counters.h"

#include <fmt/format.h>

namespace railyard::lab {

namespace {

struct Row {
  const char* name;
  uint64_t NicCounters::*count;
  bool of_port = false;  // every queue of a port counts the same
};

constexpr Row kRows[] = {
    {"tx_packets", &NicCounters::tx_packets},
    {"tx_bytes", &NicCounters::tx_bytes},
    {"tx_data_packets", &NicCounters::tx_data_packets},
    {"rx_packets", &NicCounters::rx_packets},
    {"rx_bytes", &NicCounters::rx_bytes},
    {"rx_data_packets", &NicCounters::rx_data_packets},
    {"ce_seen", &NicCounters::ce_seen},
    {"cnps_sent", &NicCounters::cnps_sent},
    {"cnps_received", &NicCounters::cnps_received},
    {"acks_sent", &NicCounters::acks_sent},
    {"acks_received", &NicCounters::acks_received},
    {"naks_sent", &NicCounters::naks_sent},
    {"naks_received", &NicCounters::naks_received},
    {"timeouts", &NicCounters::timeouts},
    {"failed_queue_pairs", &NicCounters::failed_queue_pairs},
    {"lost", &NicCounters::lost},
    {"reordered", &NicCounters::reordered},
    {"duplicates", &NicCounters::duplicates},
    {"other_destination", &NicCounters::other_destination},
    {"unknown_queue_pair", &NicCounters::unknown_queue_pair},
    {"foreign_peer", &NicCounters::foreign_peer},
    {"icrc_unchecked", &NicCounters::icrc_unchecked},
    {"pfc_frames", &NicCounters::pfc_frames, true},
    {"link_pause_frames", &NicCounters::link_pause_frames},
    {"debt_forgiven_ps", &NicCounters::debt_forgiven_ps},
};

}  // namespace

std::vector<NamedCount> named(const NicCounters& c) {
  std::vector<NamedCount> rows;
  for (const Row& row : kRows) rows.push_back({row.name, c.*row.count});
  for (size_t p = 0; p < c.pauses.size(); ++p) rows.push_back({fmt::format("pauses.{}", p), c.pauses[p]});
  for (size_t e = 0; e < c.decode_errors.size(); ++e)
    rows.push_back(
        {fmt::format("decode_errors.{}", name_of(static_cast<DecodeError>(e))), c.decode_errors[e]});
  return rows;
}

void add_queue(NicCounters& nic, const NicCounters& queue) {
  for (const Row& row : kRows)
    if (!row.of_port) nic.*row.count += queue.*row.count;
  for (size_t e = 0; e < nic.decode_errors.size(); ++e) nic.decode_errors[e] += queue.decode_errors[e];
}

}  // namespace railyard::lab
