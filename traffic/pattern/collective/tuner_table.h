// SPDX-License-Identifier: BSD-3-Clause
// The table of NCCL's example tuner plugin: which algorithm, protocol and channels carry a collective, by
// kind, size and communicator. Source: NCCL 2.30, ext-tuner/example (README.md, plugin.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/collective/collective.h"
#include "traffic/pattern/collective/nccl_tuning.h"

namespace railyard::collective {

struct TunerRow {
  Kind kind = Kind::AllReduce;
  uint64_t min_bytes = 0, max_bytes = 0;  // both included; as nccl-tests counts
  TunedAlgorithm algorithm = TunedAlgorithm::Ring;
  Protocol protocol = Protocol::Simple;
  std::optional<uint32_t> channels;      // none: as many as there are
  std::optional<uint32_t> hosts, ranks;  // none: any

  bool matches(Kind of, uint64_t bytes, const TunedGroup& group) const {
    return kind == of && bytes >= min_bytes && bytes <= max_bytes &&
           hosts.value_or(group.hosts) == group.hosts && ranks.value_or(group.ranks) == group.ranks;
  }
};

// Of text with a row to a line, or, in one line, rows between semicolons. Comments begin with #; a line of
// the columns' names is skipped. Rows that can match nothing here are left out: those for registered buffers,
// for several operations at once, and those with an algorithm that NCCL does not have for the kind, which it
// passes over too. Errors name the line and say what would be right: a field that is no number or name, too
// few or too many of them, and what NCCL has and Railyard does not carry.
tl::expected<std::vector<TunerRow>, std::string> parse_tuner_table(std::string_view text);

// In one line, as parse_tuner_table() reads it.
std::string one_line(const std::vector<TunerRow>& rows);

}  // namespace railyard::collective
