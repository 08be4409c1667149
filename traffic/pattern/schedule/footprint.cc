// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/footprint.h"

#include "traffic/pattern/schedule/run_log.h"
#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {
namespace {

template <class T>
uint64_t bytes_of(const std::vector<T>& all) {
  return all.capacity() * sizeof(T);
}

uint64_t bytes_of(const Program& program) {
  return bytes_of(program.tasks) + bytes_of(program.dependents) + bytes_of(program.first_tasks) +
         bytes_of(program.counters) + bytes_of(program.memberships) + bytes_of(program.outgoing) +
         bytes_of(program.incoming) + bytes_of(program.in_order);
}

uint64_t bytes_of(const Lane& lane) {
  return bytes_of(lane.member_at) + bytes_of(lane.place_of) + bytes_of(lane.nic);
}

}  // namespace

uint64_t footprint_of(const Schedule& schedule) {
  uint64_t bytes = bytes_of(schedule.ranks) + bytes_of(schedule.programs) + bytes_of(schedule.operations) +
                   bytes_of(schedule.ranges) + bytes_of(schedule.communicators) +
                   bytes_of(schedule.channels) + bytes_of(schedule.outgoing) + bytes_of(schedule.incoming) +
                   bytes_of(schedule.memberships) + bytes_of(schedule.strands) +
                   bytes_of(schedule.send_links) + bytes_of(schedule.receive_links);
  constexpr uint64_t kOfMember = sizeof(Mesh::Member) + 6 * sizeof(uint64_t);  // with those of PairNumbers
  for (const Mesh& mesh : schedule.meshes) bytes += sizeof(Mesh) + mesh.members.size() * kOfMember;
  for (const Program& program : schedule.programs) bytes += bytes_of(program);
  for (const Operation& operation : schedule.operations) bytes += bytes_of(operation.splits);
  for (const Communicator& communicator : schedule.communicators) {
    bytes += bytes_of(communicator.lanes);
    for (const Lane& lane : communicator.lanes) bytes += bytes_of(lane);
  }
  return bytes;
}

RunCounts counts_of(const PlayedJob& job) {
  const Schedule& schedule = *job.schedule;
  RunCounts counts;
  counts.state_bytes =
      schedule.channels.size() * sizeof(ChannelLog) + schedule.rank_count() * sizeof(RankLog);
  for (uint32_t rank = 0; rank < schedule.rank_count(); ++rank) {
    counts.state_bytes += RankRunner::footprint_of(schedule, rank);
    counts.messages += messages_to(job, rank);
    if (!job.background) counts.spans += schedule.program_of(rank).in_order.size() * job.iterations;
  }
  return counts;
}

}  // namespace railyard::schedule
