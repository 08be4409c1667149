// SPDX-License-Identifier: BSD-3-Clause
// The progress of one rank through its schedule. Like every protocol core it is told the time and what
// happened, and says what to do next. It touches itself and the const Schedule only, so that ranks may run on
// different threads.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "traffic/pattern/schedule/schedule.h"

namespace railyard::schedule {

// What a player does for its runners. None of these may call back into the runner before it returns.
class RunnerEnvironment {
 public:
  virtual ~RunnerEnvironment() = default;

  // A message of an operation. `bytes` is at least 1; `is_last`: the operation sends no more on the channel.
  struct Posted {
    uint64_t bytes = 0;
    uint32_t operation = 0, iteration = 0;
    bool is_last = false;
  };
  // Appends it to the channel; on_sent() when it is acknowledged, and on_received() at the destination's
  // runner when it is there in full. Nobody need tell of a grant's acknowledgement.
  virtual void post_send(uint32_t channel, const Posted& message) = 0;

  // Call on_time() at `at`. A later call has an earlier time or comes after on_time(): a player may keep the
  // latest only, or call at each; calls at other times do no harm.
  virtual void wake_at(uint32_t rank, SimTime at) = 0;

  // A rank's part in an operation: from when all it depends on had ended. Compute is not reported.
  virtual void operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                               SimTime end) = 0;
  virtual void iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) = 0;
};

// What a grant takes on the wire [NCCL 2.30, net_ib, ncclIbSendFifo: written to the sender's queue of them].
constexpr uint64_t kGrantBytes = 64;

// Each event costs O(1), and the binary search of a channel among a group's members. State of a task exists
// only while it runs, beside a counter for each task that depends on several, and for each channel.
class RankRunner {
 public:
  // iterations = 0: for ever, as background traffic does. The schedule must outlive the runner.
  RankRunner(const Schedule& schedule, uint32_t rank, uint32_t iterations);

  // Messages that come before the rank has started, or before it has reached what awaits them, are kept.
  void start(SimTime now, RunnerEnvironment& environment);
  void on_time(SimTime now, RunnerEnvironment& environment);
  // The oldest message on the channel that was not yet acknowledged has been acknowledged.
  void on_sent(uint32_t channel, SimTime now, RunnerEnvironment& environment);
  // The next message on the channel has arrived in full.
  void on_received(uint32_t channel, SimTime now, RunnerEnvironment& environment);

  bool done() const { return state_ == State::Done; }
  // Bytes that a rank's runner takes when it begins.
  static uint64_t footprint_of(const Schedule& schedule, uint32_t rank);
  uint32_t iteration() const { return iteration_; }

 private:
  // NotStarted -> Running on start(); Running -> Done when the last iteration has ended.
  enum class State : uint8_t { NotStarted, Running, Done };

  // The collective that runs in a group: one at a time.
  struct Running {
    uint32_t task = kNone;
    SimTime start;
    uint32_t strands = 0;  // that have not ended
  };

  // What one strand has to do of it.
  struct Execution {
    bool active = false;
    collective::Call call;
    const collective::Algorithm* algorithm = nullptr;
    uint64_t step_count = 0;
    uint32_t window = 0;
    // Steps whose send was posted, whose receive was taken, and what came was reduced.
    uint64_t sent = 0, taken = 0, received = 0;
    uint32_t in_flight = 0;    // messages posted and not acknowledged; of split ones, their parts
    uint64_t granted = 0;      // steps whose receive was granted
    uint32_t open_grants = 0;  // of messages that are not reduced yet
    uint32_t reducing = 0;     // messages that were taken
  };

  struct Timer {
    SimTime at, start;
    uint32_t task;
    uint32_t strand = kNone;  // on which a message is reduced
    bool operator>(const Timer& o) const {
      return std::tie(at.ps, task, strand) > std::tie(o.at.ps, o.task, o.strand);
    }
  };

  // Of a point-to-point channel: messages of this iteration, and chunks of the one that is next.
  struct Outbox {
    uint32_t posted = 0, acknowledged = 0;
    uint32_t chunks_posted = 0, chunks_acknowledged = 0;
    uint32_t in_flight = 0;  // chunks
    uint64_t granted = 0;    // chunks that may be posted
  };
  struct Inbox {
    uint64_t received = 0;  // messages that ever came
    uint32_t chunks = 0;    // of the one that is next
    uint64_t to_grant = 0;  // chunks, in all that is left of the run
  };

  const Task& task(uint32_t index) const { return program_.tasks[index]; }
  // Which launches nothing, and adds up as fast as data come.
  bool is_switch() const { return rank_ >= schedule_.rank_count(); }
  const Membership& membership(uint32_t index) const {
    return schedule_.memberships[part_.first_membership + index];
  }
  const Strand& strand(uint32_t index) const { return schedule_.strands[part_.first_strand + index]; }

  // The number of the operation that a task is part of; kNone of compute.
  uint32_t operation_of(const Task& task) const;
  const OperationRange& collectives_of(const Membership& in) const {
    return schedule_.ranges[schedule_.communicators[in.communicator].operations];
  }
  const OperationRange& messages_on(uint32_t channel) const {
    return schedule_.ranges[schedule_.channel(channel).operations];
  }

  void begin_iteration(SimTime now);
  void finish_iteration(SimTime now, RunnerEnvironment& environment);
  void run_ready(SimTime now, RunnerEnvironment& environment);
  void begin(uint32_t task, SimTime now, RunnerEnvironment& environment);
  void end(uint32_t task, SimTime start, SimTime now, RunnerEnvironment& environment);

  void begin_compute(uint32_t task, SimTime now, RunnerEnvironment& environment);
  void begin_receive(uint32_t task, SimTime now, RunnerEnvironment& environment);
  void wake_for(uint32_t task, SimTime at, SimTime now, RunnerEnvironment& environment,
                uint32_t strand = kNone);
  void begin_collective(uint32_t task, SimTime now, RunnerEnvironment& environment);
  void launch_collective(uint32_t task, SimTime start, SimTime now, RunnerEnvironment& environment);
  uint64_t chunks_of(const OperationRange& messages, uint32_t ordinal) const;
  void post_ready_sends(uint32_t channel, RunnerEnvironment& environment);
  void grant_first_chunks(RunnerEnvironment& environment);
  void grant_chunk(uint32_t slot, RunnerEnvironment& environment);
  void receive_chunk(const Channel& channel, SimTime now, RunnerEnvironment& environment);
  void acknowledge_chunk(const Channel& channel, uint32_t index, SimTime now, RunnerEnvironment& environment);
  // The strand that a group's channel ends at, where a mesh has several.
  uint32_t strand_at(const Channel& channel, uint32_t end) const;
  void grant_receives(uint32_t strand, RunnerEnvironment& environment);
  void take_receives(uint32_t strand, SimTime now, RunnerEnvironment& environment);
  void end_reduction(uint32_t strand, SimTime now, RunnerEnvironment& environment);
  void go_on(uint32_t strand, SimTime now, RunnerEnvironment& environment);
  Link link_to(uint32_t peer, const Execution& execution, const Strand& strand) const;
  Link link_from(uint32_t peer, const Execution& execution, const Strand& strand) const;
  bool take_message(const Link& link);
  bool take_grant(const Link& link);
  // Of an incoming channel of groups: slot, or kNone and its number.
  bool has_arrived(uint32_t slot, uint32_t channel) const;
  void take(uint32_t slot, uint32_t channel);
  // Execution::received of that strand of the lane that strand `s` is of.
  uint64_t received_of(uint32_t s, uint32_t strand_of_lane) const;
  uint32_t weight_of(uint32_t connection_size) const;
  void post_sends(uint32_t strand, RunnerEnvironment& environment);
  void post_message(const Link& link, const collective::Message& message, uint64_t bytes, uint32_t operation,
                    RunnerEnvironment& environment);
  void advance_strand(uint32_t strand, SimTime now, RunnerEnvironment& environment);
  void advance_all(uint32_t begin, uint32_t end, SimTime now, RunnerEnvironment& environment);
  void end_if_complete(uint32_t strand, SimTime now, RunnerEnvironment& environment);
  void end_waiting(uint32_t task, SimTime now, RunnerEnvironment& environment);

  const Schedule& schedule_;
  const RankPart& part_;
  const Program& program_;
  const uint32_t rank_;
  const uint32_t iterations_;

  State state_ = State::NotStarted;
  uint32_t iteration_ = 0;
  SimTime iteration_start_;
  uint32_t ended_ = 0;      // tasks, in this iteration
  bool took_part_ = false;  // something in this iteration had to be waited for

  std::vector<uint32_t> pending_;  // per counter of the program: dependencies that have not ended
  std::deque<uint32_t> ready_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;  // running compute and reductions
  SimTime reducing_until_;             // when the GPU has reduced all that was taken
  std::vector<Running> running_;       // per membership
  std::vector<Execution> executions_;  // per strand
  // By the first channel of links whose queue pairs take turns: whose turn it is.
  std::unordered_map<uint32_t, uint32_t> turns_;
  std::unordered_map<uint32_t, SimTime> waiting_;  // sends and receives that have started, and when
  std::vector<Outbox> outboxes_;                   // per outgoing channel, point to point
  std::vector<Inbox> inboxes_;                     // per incoming one
  // Per incoming channel of groups: messages, or parts of them, that no step has taken yet.
  std::vector<uint64_t> arrived_;
  std::unordered_map<uint32_t, uint64_t> arrived_in_meshes_;  // the same by channel, where there are any
};

}  // namespace railyard::schedule
