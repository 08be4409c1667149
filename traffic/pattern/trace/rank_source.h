// SPDX-License-Identifier: BSD-3-Clause
// A trace that is read rank by rank, so that nobody need hold it whole: a generated step of 16,384 ranks has
// tens of millions of operations.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

class RankSource {
 public:
  virtual ~RankSource() = default;

  // Says how many ranks there are, and who is in which group.
  virtual const Header& header() const = 0;
  // What one of them does: the same at every call. The source may write it into `scratch`, which is what the
  // caller lends it; the reference holds as long as scratch is left alone.
  virtual const Rank& rank(uint32_t rank, Rank& scratch) const = 0;
};

// A trace that is in memory.
class HeldTrace final : public RankSource {
 public:
  // Errors: a rank that is missing, there twice, or out of the header's range.
  static tl::expected<std::shared_ptr<const HeldTrace>, std::string> of(std::shared_ptr<const Trace> trace);
  static tl::expected<std::shared_ptr<const HeldTrace>, std::string> of(Trace trace);

  const Header& header() const override { return trace_->header(); }
  const Rank& rank(uint32_t rank, Rank&) const override { return *ranks_[rank]; }

 private:
  std::shared_ptr<const Trace> trace_;
  std::vector<const Rank*> ranks_;
};

// What `source` says, each rank changed by `change`, which must do the same to a rank at every call.
std::shared_ptr<const RankSource> changed(std::shared_ptr<const RankSource> source,
                                          std::function<void(Rank&)> change);

}  // namespace railyard::trace
