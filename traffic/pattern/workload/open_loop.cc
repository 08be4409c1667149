// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/open_loop.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"

namespace railyard::workload {

trace::Trace open_loop_trace(std::string name, std::string source, uint32_t ranks,
                             std::vector<OpenLoopFlow> flows, QueuePairsOfFlows queue_pairs) {
  trace::Trace trace = empty_trace(std::move(name), std::move(source), ranks);
  std::stable_sort(flows.begin(), flows.end(), [](const OpenLoopFlow& a, const OpenLoopFlow& b) {
    return std::tie(a.start_ns, a.source) < std::tie(b.start_ns, b.source);
  });
  uint32_t tag = 0;
  for (const OpenLoopFlow& flow : flows) {
    trace::RankBuilder sender(*trace.mutable_ranks(static_cast<int>(flow.source)));
    trace::RankBuilder receiver(*trace.mutable_ranks(static_cast<int>(flow.destination)));
    trace::RankBuilder::Indices after;
    if (flow.start_ns > 0) after = {sender.wait("arrival", flow.start_ns)};
    sender.send(flow.destination, flow.bytes, tag, after);
    receiver.receive(flow.source, flow.bytes, tag);
    if (queue_pairs == QueuePairsOfFlows::Each) ++tag;
  }
  return trace;
}

}  // namespace railyard::workload
