// SPDX-License-Identifier: BSD-3-Clause
// The figures by which simulation and lab are held against each other, of one run each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dpdk-app/validation/played_runs.h"
#include "traffic/record/metric_catalogue.h"

namespace railyard::validation {

// How a figure is judged.
enum class Kind : uint8_t {
  Duration,  // a time: may be wrong by lateness and clock error
  Rate,      // follows from a time
  Fairness,
  Presence,  // a count of which first of all matters whether there is any
  Count,     // of what only one side may have for a reason of its own
};

struct Figure {
  std::string name;   // "fct.p99", "iteration.training"
  std::string label;  // "completion, p99": of messages
  Kind kind = Kind::Duration;
  record::Unit unit = record::Unit::Time;
  bool decides = false;    // on the exit code
  bool of_switch = false;  // known where a switch's ports are in the record
  double percentile = 0;   // of message completions; 0: none
};

struct Measured {
  std::vector<Figure> figures;            // in the order of the tables
  std::map<std::string, double> values;   // by name
  std::map<std::string, double> seconds;  // by name: the time that the value is or follows from; 0: none
  std::vector<double> completions;  // of foreground messages that crossed the fabric, in seconds, ascending
  bool has_switch = false;          // some port of the record is a switch's
};

Measured measure(const PlayedRun& run);

// Bits per second that arrived in each of `buckets` equal parts of [0, span], messages' bytes spread evenly
// over the time they took.
std::vector<double> throughput_over_time(const record::Record& record, double span_seconds, size_t buckets);

}  // namespace railyard::validation
