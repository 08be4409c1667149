// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/empty_trace.h"

#include <algorithm>
#include <utility>

#include "traffic/units/random_stream.h"

namespace railyard::workload {

trace::Trace empty_trace(std::string name, std::string source, uint32_t ranks) {
  trace::Trace trace;
  trace.mutable_header()->set_name(std::move(name));
  trace.mutable_header()->set_source(std::move(source));
  trace.mutable_header()->set_rank_count(ranks);
  trace.mutable_header()->set_plain_messages(true);
  for (uint32_t r = 0; r < ranks; ++r) trace.add_ranks()->set_rank(r);
  return trace;
}

uint32_t add_world_group(trace::Trace& trace, std::string name) {
  trace::Group& group = *trace.mutable_header()->add_groups();
  group.set_name(std::move(name));
  for (int r = 0; r < trace.ranks_size(); ++r) group.add_ranks(static_cast<uint32_t>(r));
  return static_cast<uint32_t>(trace.header().groups_size() - 1);
}

uint64_t to_ns(SimTime time) {
  return static_cast<uint64_t>((std::max<int64_t>(time.ps, 0) + 500) / 1000);
}

uint32_t named_send(trace::RankBuilder& to, std::string_view name, uint32_t peer, uint64_t bytes,
                    const trace::RankBuilder::Indices& after, uint32_t tag) {
  trace::Operation operation;
  operation.set_name(std::string(name));
  operation.mutable_send()->set_peer(peer);
  operation.mutable_send()->set_bytes(bytes);
  operation.mutable_send()->set_tag(tag);
  return to.append(std::move(operation), after);
}

uint64_t seed_of(uint64_t job_seed, uint64_t run_seed) {
  return RandomStream::mix(job_seed * 0x9e3779b97f4a7c15 + run_seed);
}

}  // namespace railyard::workload
