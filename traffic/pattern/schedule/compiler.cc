// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/compiler.h"

#include <utility>

#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {

tl::expected<Schedule, std::string> compile(const trace::RankSource& source, const CompileOptions& options) {
  Draft draft{source, options};
  draft.schedule.name = source.header().name();
  draft.schedule.launch_latency = options.collectives.launch_latency;
  draft.schedule.reduction_rate = options.collectives.reduction_rate;
  draft.schedule.split_data = options.collectives.split_data;
  draft.schedule.queue_pairs = options.collectives.queue_pairs * options.collectives.p2p_channels;
  draft.schedule.p2p_chunk_bytes = options.collectives.p2p_chunk.n;
  draft.schedule.receiver_slots = options.collectives.receiver_slots;
  const ClearToSend granted = options.collectives.clear_to_send;
  draft.schedule.groups_grant = granted != ClearToSend::None;
  const bool are_nccls = !source.header().plain_messages();
  draft.schedule.sends_grant = granted == ClearToSend::All || (are_nccls && granted == ClearToSend::Nccl);
  if (are_nccls || draft.schedule.sends_grant)
    draft.schedule.send_chunk_bytes = draft.schedule.p2p_chunk_bytes;
  if (!options.collectives.custom.empty()) {
    auto custom = collective::CustomAlgorithm::make("collectives.custom", options.collectives.custom);
    if (!custom) return tl::make_unexpected(custom.error());
    draft.schedule.custom = *std::move(custom);
  }
  for (auto pass : {make_groups, read_ranks, match_collectives, match_messages}) {
    if (Checked checked = pass(draft); !checked) return tl::make_unexpected(checked.error());
  }
  if (Checked checked = check_cancelled(draft); !checked) return tl::make_unexpected(checked.error());
  if (Checked checked = check_progress(draft); !checked) return tl::make_unexpected(checked.error());
  return std::move(draft.schedule);
}

tl::expected<Schedule, std::string> compile(const trace::Trace& trace, const CompileOptions& options) {
  // Not ours, and no longer used than this call.
  const auto held = trace::HeldTrace::of({std::shared_ptr<const trace::Trace>(), &trace});
  if (!held) return tl::make_unexpected(held.error());
  return compile(**held, options);
}

}  // namespace railyard::schedule
