// SPDX-License-Identifier: BSD-3-Clause
// Jobs as every player plays them: compiled, placed on hosts, their channels numbered as flows. Made once by
// compile_jobs() and never changed afterwards; the simulator, the agents and the merge of what agents
// measured therefore number flows and operations alike.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/host_shape.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/schedule/schedule.h"
#include "traffic/pattern/trace/rank_source.h"
#include "traffic/units/quantity.h"

namespace railyard::schedule {

// A job that replays a trace on some of a fabric's GPUs.
struct JobInput {
  std::string name;
  std::shared_ptr<const trace::RankSource> source;  // of its trace
  std::vector<RankLocation> placement;              // by rank
  uint32_t iterations = 1;                          // of the whole trace
  bool background = false;                          // repeats until the other jobs have ended
  SimTime start = {0};
  std::optional<uint32_t> dscp = {};                // of its data; none: the NIC's
  std::optional<uint32_t> congestion_control = {};  // which algorithm, by index; none: the NIC's
  std::shared_ptr<const Schedule> schedule;  // of the trace, placed so; null: compile_jobs() compiles it
};

struct PlayedJob {
  std::string name;
  std::vector<RankLocation> placement;  // by rank, and of the schedule's reducers
  uint32_t iterations = 1;
  bool background = false;
  SimTime start;
  std::optional<uint32_t> dscp, congestion_control;  // none: the NIC's
  std::shared_ptr<const Schedule> schedule;
  std::vector<uint32_t> flow_of_held;  // by channel that is held; kNone where it stays within a host
  struct MeshFlows {
    uint32_t first = 0;
    PairNumbers numbers;
  };
  std::vector<MeshFlows> mesh_flows;   // by mesh of the schedule
  std::vector<uint32_t> slot_of_rank;  // in PlayedJobs::ranks_of of its host
};

// A queue pair: the channel of a job that goes from NIC to NIC.
struct Flow {
  uint32_t job = 0, channel = 0;
  uint32_t source = 0, destination = 0;  // endpoints
};

struct PlayedRank {
  uint32_t job = 0, rank = 0;
};

struct PlayedJobs {
  HostShape hosts;
  CollectiveSettings collectives;
  std::vector<PlayedJob> jobs;
  std::vector<std::vector<PlayedRank>> ranks_of;  // by station; in order of job, then rank; with reducers

  // Flows are numbered in order of job, then channel. Those of meshes are held by nobody.
  uint32_t flow_count() const { return first_flow.back(); }
  Flow flow(uint32_t number) const;
  // kNone where the channel stays within a host.
  uint32_t flow_of(uint32_t job, uint32_t channel) const;
  // Of the first mesh: before it all flows are held. flow_count() where there is none.
  uint32_t first_mesh_flow() const;
  // Whether no message follows one of this operation and iteration on its channel.
  bool is_last(uint32_t job, uint32_t channel, uint32_t operation, uint32_t iteration) const;

  std::vector<Flow> held_flows;
  std::vector<uint32_t> first_flow{0};  // by block, and one more: all
  // What flows in a row have in common: those of one mesh, or held ones between two meshes.
  struct Block {
    uint32_t job = 0;
    uint32_t mesh = kNone;  // of the job's schedule; kNone: held
    uint32_t first_held = 0;
  };
  std::vector<Block> blocks;
};

// Channels within a host take its scale-up links; without these they are flows like any other. Errors, each
// naming the job: a trace that does not compile, more or fewer ranks placed than there are, a rank placed
// nowhere, two ranks that share a NIC and have no scale-up link. CompileOptions::most_pairs holds for all
// jobs together.
tl::expected<PlayedJobs, std::string> compile_jobs(const std::vector<JobInput>& inputs,
                                                   const HostShape& hosts,
                                                   const CompileOptions& options = {});

// Whether compile_jobs() would make `played` of them.
bool same_jobs(const PlayedJobs& played, const std::vector<JobInput>& inputs, const HostShape& hosts,
               const CollectiveSettings& collectives);

// Messages that a rank will receive: one a step of a collective, one a receive. 0 of a background job, which
// has no end.
uint64_t messages_to(const PlayedJob& job, uint32_t rank);

}  // namespace railyard::schedule
