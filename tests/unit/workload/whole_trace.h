// SPDX-License-Identifier: BSD-3-Clause
// What a job that is made rank by rank does in all.
#pragma once

#include "traffic/pattern/trace/rank_source.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard {

inline trace::Trace whole_trace(const trace::RankSource& source) {
  trace::Trace trace;
  *trace.mutable_header() = source.header();
  for (uint32_t rank = 0; rank < source.header().rank_count(); ++rank) {
    trace::Rank& added = *trace.add_ranks();
    const trace::Rank& made = source.rank(rank, added);
    if (&made != &added) added = made;
  }
  return trace;
}

}  // namespace railyard
