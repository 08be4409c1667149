// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_counters.h"

#include <fmt/format.h>

namespace railyard::lab {

std::vector<NamedCount> named(const NicCounters& c) {
  std::vector<NamedCount> rows = {
      {"tx_packets", c.tx_packets},
      {"tx_bytes", c.tx_bytes},
      {"tx_data_packets", c.tx_data_packets},
      {"rx_packets", c.rx_packets},
      {"rx_bytes", c.rx_bytes},
      {"rx_data_packets", c.rx_data_packets},
      {"ce_seen", c.ce_seen},
      {"cnps_sent", c.cnps_sent},
      {"cnps_received", c.cnps_received},
      {"acks_sent", c.acks_sent},
      {"acks_received", c.acks_received},
      {"naks_sent", c.naks_sent},
      {"naks_received", c.naks_received},
      {"timeouts", c.timeouts},
      {"failed_queue_pairs", c.failed_queue_pairs},
      {"lost", c.lost},
      {"reordered", c.reordered},
      {"duplicates", c.duplicates},
      {"other_destination", c.other_destination},
      {"unknown_queue_pair", c.unknown_queue_pair},
      {"icrc_unchecked", c.icrc_unchecked},
      {"pfc_frames", c.pfc_frames},
      {"link_pause_frames", c.link_pause_frames},
      {"debt_forgiven_ps", c.debt_forgiven_ps},
  };
  for (size_t p = 0; p < c.pauses.size(); ++p) rows.push_back({fmt::format("pauses.{}", p), c.pauses[p]});
  for (size_t e = 0; e < c.decode_errors.size(); ++e)
    rows.push_back(
        {fmt::format("decode_errors.{}", name_of(static_cast<DecodeError>(e))), c.decode_errors[e]});
  return rows;
}

}  // namespace railyard::lab
