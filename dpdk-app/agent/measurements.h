// SPDX-License-Identifier: BSD-3-Clause
// What an agent measured, as the controller collects it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/agent/nic_port.h"
#include "dpdk-app/device/device_losses.h"
#include "traffic/pattern/schedule/run_log.h"

namespace railyard::lab {

namespace control {
class Measurements;
}

// Frames of the run's own that passed between a NIC and its device, and others that came.
struct BoundaryCounters {
  uint64_t sent = 0, received = 0;
  uint64_t flooded = 0;     // received, for another MAC address
  uint64_t foreign = 0;     // received: neither the run's own nor pauses
  uint64_t unreadable = 0;  // received, in pieces that could not be put together
};

// Of one NIC. Times are the NIC's own.
struct NicReport {
  uint32_t endpoint = 0;
  NicCounters counters;
  NicMeasurements measured;
  uint64_t retransmitted = 0;
  std::vector<record::RateSamples> rates;  // by number of queue pair
  std::vector<NamedCount> device;          // what the port's driver counts
  std::string port;                        // as the agent was told of it
  BoundaryCounters frames;
  // Of the port, whichever queue reports them.
  DeviceLosses losses;             // during the run
  std::vector<NamedCount> kernel;  // pauses, as its driver counts them
};

// Adds what a further queue of the NIC's port measured; pauses are the port's, and the first queue's has
// them.
void add_queue(NicReport& nic, NicReport queue);

struct RunReport {
  const LabPlan& plan;
  const std::vector<schedule::JobLog>& logs;
  std::vector<NicReport> nics;
  SimTime start;     // of the run, in the NICs' time
  SimTime duration;  // until the last rank ended, or it was stopped
  std::vector<std::string> events;
  std::string failure;  // why the run cannot be believed, found before; empty: nothing
};

// Invalid where the pacer's p99 lateness exceeds the plan's limit on a NIC, or where the run failed. The
// error says that the record could not be encoded.
tl::expected<control::Measurements, std::string> measurements_of(const RunReport& report);

}  // namespace railyard::lab
