// SPDX-License-Identifier: BSD-3-Clause
// What the PFC self-test sends, when, and what it concludes from what arrives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/scenario/lab_settings.h"
#include "traffic/run/run_input.h"

namespace railyard::lab {

enum class PauseOutcome : uint8_t { Obeyed, Ignored, NotTestable };
std::string_view name_of(PauseOutcome outcome);

struct PauseVerdict {
  std::string paused_by, paused;  // "host0 ('af_packet:h0' of 'hosts')", "leaf0"
  PauseOutcome outcome = PauseOutcome::NotTestable;
  std::string reason;  // where it is not obeyed; the same for all links with which the same is wrong
  std::string seen;    // frames, in words
};

// What an endpoint's cable leads to.
struct LinkPartner {
  enum class Kind : uint8_t { Endpoint, Softswitch, Sonic, Unmanaged };
  Kind kind = Kind::Unmanaged;
  std::string name;    // of the switch
  uint32_t index = 0;  // among lab.switches, and the switch's port
  uint32_t port = 0;
};
// By endpoint, as the scenario's fabric has it. Without lab.switches, two endpoints face each other.
std::vector<LinkPartner> partners_of(const FabricPlan& fabric, const LabSettings& lab);

// When what happens, and the classes that are sent.
struct PfcTiming {
  static constexpr int64_t kBins = 10;                           // a unit
  static constexpr int64_t kPaused = 2, kResumed = 5, kEnd = 8;  // units
  SimTime interval;                                              // between two frames of a stream
  SimTime unit;
};
struct PfcClasses {
  struct Class {
    uint8_t priority = 0;  // of its PFC frames
    uint32_t dscp = 0;
  };
  std::vector<Class> lossless;    // that the scenario's data have
  std::optional<uint32_t> other;  // a DSCP in another queue, which is not lossless
};
PfcClasses pfc_classes(const RunInput& input);
PfcTiming pfc_timing(const RunInput& input, SimTime least_unit);

// Of frames that arrived, by bin, in streams that were paused and resumed once, so many frames of each
// expected in a unit.
PauseVerdict judge_pause(const std::vector<std::vector<uint32_t>>& lossless,
                         const std::optional<std::vector<uint32_t>>& other, int64_t frames_in_unit);

// What a sender at line rate did, by bin, when its switch was to pause it; `told`: PFC frames that it was
// sent.
PauseVerdict judge_pressure(const std::vector<uint32_t>& sent, uint64_t told);

}  // namespace railyard::lab
