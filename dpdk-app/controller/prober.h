// SPDX-License-Identifier: BSD-3-Clause
// Sends a control::Probe through a lab whose players have prepared its plan, and puts together what they saw.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/players.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

struct ProbeKey {
  uint32_t from = 0, to = 0, kind = 0;  // of a control::ProbeStream
  friend bool operator<(const ProbeKey& a, const ProbeKey& b) {
    return std::tie(a.from, a.to, a.kind) < std::tie(b.from, b.to, b.kind);
  }
};

struct ProbeAnswers {
  std::map<ProbeKey, control::ProbeSent> sent;
  std::map<ProbeKey, control::ProbeArrived> arrived;
  std::map<uint32_t, control::ProbePort> ports;  // by endpoint
  std::vector<std::string> problems;             // each names its player
};

// All begin together; returns when all have answered. The error names a player that did not.
tl::expected<ProbeAnswers, std::string> probe_all(control::Probe probe, std::vector<Player>& players,
                                                  const std::atomic<bool>& cancelled);

}  // namespace railyard::lab
