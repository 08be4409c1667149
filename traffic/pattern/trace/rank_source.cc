// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/rank_source.h"

#include <utility>

#include <fmt/format.h>

namespace railyard::trace {
namespace {

class ChangedRanks final : public RankSource {
 public:
  ChangedRanks(std::shared_ptr<const RankSource> source, std::function<void(Rank&)> change)
      : source_(std::move(source)), change_(std::move(change)) {}

  const Header& header() const override { return source_->header(); }
  const Rank& rank(uint32_t rank, Rank& scratch) const override {
    const Rank& read = source_->rank(rank, scratch);
    if (&read != &scratch) scratch = read;
    change_(scratch);
    return scratch;
  }

 private:
  std::shared_ptr<const RankSource> source_;
  std::function<void(Rank&)> change_;
};

}  // namespace

tl::expected<std::shared_ptr<const HeldTrace>, std::string> HeldTrace::of(
    std::shared_ptr<const Trace> trace) {
  auto held = std::make_shared<HeldTrace>();
  const uint32_t count = trace->header().rank_count();
  held->ranks_.assign(count, nullptr);
  for (const Rank& rank : trace->ranks()) {
    if (rank.rank() >= count)
      return tl::make_unexpected(
          fmt::format("the trace has a rank {}, but its header says {} ranks", rank.rank(), count));
    if (held->ranks_[rank.rank()] != nullptr)
      return tl::make_unexpected(fmt::format("the trace has rank {} twice", rank.rank()));
    held->ranks_[rank.rank()] = &rank;
  }
  for (uint32_t rank = 0; rank < count; ++rank)
    if (held->ranks_[rank] == nullptr)
      return tl::make_unexpected(
          fmt::format("rank {} of {} is missing in the trace; import every rank's file", rank, count));
  held->trace_ = std::move(trace);
  return held;
}

tl::expected<std::shared_ptr<const HeldTrace>, std::string> HeldTrace::of(Trace trace) {
  return of(std::make_shared<const Trace>(std::move(trace)));
}

std::shared_ptr<const RankSource> changed(std::shared_ptr<const RankSource> source,
                                          std::function<void(Rank&)> change) {
  return std::make_shared<ChangedRanks>(std::move(source), std::move(change));
}

}  // namespace railyard::trace
