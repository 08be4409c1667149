// SPDX-License-Identifier: BSD-3-Clause
// Whether the frames of a run get through as they are sent: probes of full size, with the DSCP and ECN of
// data and of CNPs, both ways between endpoints.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/prober.h"
#include "traffic/run/run_input.h"

namespace railyard::lab {

struct PathKind {
  uint32_t dscp = 0;
  uint32_t payload = 0;  // of data; a CNP has none of its own
  bool cnp = false;
};

struct PathProbes {
  std::vector<PathKind> kinds;  // by ProbeStream::kind
  control::Probe probe;
  bool every_pair = true;  // false: each endpoint with those at a distance of 1, 2, 4, ... in their order
};

// No frame meets another of the probe's on its way out of a switch.
PathProbes path_probes(const control::Plan& plan, const RunInput& input);

struct PathFindings {
  std::vector<std::string> errors;    // what does not get through, or not as it was sent; with the remedy
  std::vector<std::string> warnings;  // what to distrust
};

// `attempts` of the same probe. What got through in one of them gets through.
PathFindings judge_paths(const control::Plan& plan, const PathProbes& probes,
                         const std::vector<ProbeAnswers>& attempts);

// Players must have prepared `plan`. Probes again where frames are missing. The error is of a player that did
// not answer.
tl::expected<PathFindings, std::string> check_paths(const control::Plan& plan, const RunInput& input,
                                                    std::vector<Player>& players,
                                                    const std::atomic<bool>& cancelled);

// "host0 ('af_packet:h0' of 'left')"
std::string endpoint_text(const control::Plan& plan, uint32_t endpoint);

}  // namespace railyard::lab
