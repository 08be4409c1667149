// SPDX-License-Identifier: BSD-3-Clause
// What a user of the stand-alone switch sees of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dpdk-app/device/offload_counters.h"
#include "dpdk-app/measurement/histogram.h"
#include "dpdk-app/measurement/prometheus.h"
#include "dpdk-app/softswitch/emulated_switch.h"

namespace railyard::lab {

struct PortRow {
  std::string name;
  uint64_t rx_packets = 0, tx_packets = 0;
  uint64_t rx_wire_bytes = 0, tx_wire_bytes = 0;  // with preamble and gap, as a link's rate counts
  uint64_t queued_bytes = 0, max_queue_bytes = 0;
  uint64_t marked = 0, pauses_sent = 0, pauses_received = 0, drops = 0, faults = 0;
  OffloadCounters offload;
  uint64_t given_up =
      0;  // this machine's doing: no memory, too long for a device, cut short or refused by it
};

struct Snapshot {
  SimTime at;
  std::vector<PortRow> ports;
};

Snapshot snapshot_of(const EmulatedSwitch& from, const std::vector<std::string>& names, SimTime now);

// Rates are those since `before`; where a controller's run began to count anew, of what it counted.
std::string port_table(const Snapshot& before, const Snapshot& now);
// Under names that begin with port<N>_; gauges, since a controller's run begins to count anew.
void export_metrics(const Snapshot& now, const Histogram& lateness, PrometheusEndpoint& to);
// Totals, and how punctual the switch was.
std::string summary_json(const Snapshot& start, const Snapshot& end, const Histogram& lateness);

}  // namespace railyard::lab
