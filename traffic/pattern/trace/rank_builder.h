// SPDX-License-Identifier: BSD-3-Clause
// Appends operations to a rank's list, with dependencies given as indices into it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

class RankBuilder {
 public:
  using Index = uint32_t;
  using Indices = std::vector<Index>;

  explicit RankBuilder(Rank& rank) : rank_(rank) {}

  // Each returns the new operation's index; every index in `after` must be smaller.
  Index compute(std::string_view name, uint64_t duration_ns, const Indices& after = {});
  Index wait(std::string_view name, uint64_t duration_ns, const Indices& after = {});
  Index collective(std::string_view name, CollectiveKind kind, uint32_t group, uint64_t bytes,
                   const Indices& after = {});
  Index send(uint32_t peer, uint64_t bytes, uint32_t tag, const Indices& after = {});
  Index receive(uint32_t peer, uint64_t bytes, uint32_t tag, const Indices& after = {});
  // Any operation; its `after` is replaced.
  Index append(Operation operation, const Indices& after);

  Index size() const { return static_cast<Index>(rank_.operations_size()); }

 private:
  Rank& rank_;
};

}  // namespace railyard::trace
