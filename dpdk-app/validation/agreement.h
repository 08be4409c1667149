// SPDX-License-Identifier: BSD-3-Clause
// Whether simulation and lab agree: for every figure a statement, and when none can be made, why.
//
// The rule. Let d be the relative difference of the means, and u what the lab itself may be wrong by: its
// clocks' error and the lateness of its pacers. Where u is above the tolerance, smaller differences than u
// are not measurable. Otherwise d within the tolerance agrees. A percentile p needs 1 / (1 - p) messages on
// both sides. CE marks, pauses and drops must be present in both or absent in both, and marks and pauses on
// the same ports of switches (port_comparison.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dpdk-app/validation/comparability.h"
#include "dpdk-app/validation/measure.h"
#include "dpdk-app/validation/rate_comparison.h"
#include "traffic/record/statistics.h"

namespace railyard::validation {

enum class Verdict : uint8_t { Agrees, Differs, NotMeasurable };

struct Row {
  Figure figure;
  std::optional<record::Spread> sim, lab;  // over repetitions
  std::optional<double> difference;        // (lab - sim) / sim
  Verdict verdict = Verdict::NotMeasurable;
  std::string statement;  // "agrees within 3.2 %", "differs by 14 %", "not measurable here: ..."
};

struct Trajectory {
  std::vector<double> seconds;
  std::vector<double> sim_bps, lab_bps;  // that arrived
  std::optional<double> difference;      // mean of |lab - sim| over the mean of sim
};

struct SettingAgreement {
  std::string name;
  std::vector<Row> rows;
  std::vector<std::string> notes;
  std::vector<double> sim_completions, lab_completions;  // of all repetitions, ascending
  Trajectory trajectory;                                 // of the first repetition of each
  RateComparison rates;                                  // of all repetitions
  Verdict verdict = Verdict::NotMeasurable;              // of the rows that decide
};

struct Agreement {
  std::string scenario;
  std::string sim_folder, lab_folder;
  double tolerance = 0;
  std::vector<std::string> notes;
  std::vector<SettingAgreement> settings;
  Verdict verdict = Verdict::NotMeasurable;
};

Agreement judge(const PlayedRuns& sim, const PlayedRuns& lab, const Comparability& comparability,
                double tolerance);

}  // namespace railyard::validation
