// SPDX-License-Identifier: BSD-3-Clause
// The ranks that sit on one host, and who carries their messages: its NICs to other hosts, the sending GPU's
// scale-up link within the host, one message after another. What goes to a NIC first takes the scale-up link
// to the GPU beside it, where the NIC is another's, then the proxy's latency and its turn on the NIC's PCIe.
// Told the time and what happened, whoever plays; it touches itself, its own lists of the logs, and what is
// const.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <tuple>
#include <vector>

#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/pattern/schedule/run_log.h"
#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {

// What a player of messages does for a host: that of packets, of frames, or a coarser one that reckons with
// flows. It answers a post with message_received() at the destination's host and message_acked() here, in the
// order of the posts of a flow. None of these may call back into the host before it returns.
class HostEnvironment {
 public:
  virtual ~HostEnvironment() = default;

  // Appends a message to a flow that starts here. At least one byte.
  virtual void post(uint32_t flow, Bytes bytes, SimTime now) = 0;
  // Nothing will be posted on the flow after what was posted last: its queue pair may go once that is
  // acknowledged.
  virtual void retire(uint32_t /* flow */) {}
  // Call RankHost::wake() at `at`, or look at next_due() instead.
  virtual void wake_at(SimTime at) = 0;
  // A rank has ended its last iteration.
  virtual void rank_ended(SimTime now) = 0;
};

// Times count from the start of the run.
class RankHost final : private RunnerEnvironment {
 public:
  // `logs` is empty_logs(jobs), shared by all hosts. All three references must outlive the host.
  RankHost(const PlayedJobs& jobs, uint32_t host, std::vector<JobLog>& logs, HostEnvironment& environment);

  // Does what is due; the first call starts the ranks.
  void wake(SimTime now);
  // When wake() is due next: at once before the first call, never() when nothing is left.
  SimTime next_due() const {
    if (!started_) return SimTime{};
    return due_.empty() ? SimTime::never() : due_.top().time;
  }
  // The next message of a flow that ends here has arrived in full.
  void message_received(uint32_t flow, SimTime now);
  // The oldest message of a flow that starts here that was not yet acknowledged has been.
  void message_acked(uint32_t flow, SimTime now);

  bool has_ranks() const { return !ranks_.empty(); }
  // Ranks of jobs that are not background, and those of them that have ended.
  uint32_t ranks_expected() const { return ranks_expected_; }
  uint32_t ranks_ended() const { return ranks_ended_; }
  // Messages that they will receive, and that have come.
  uint64_t messages_expected() const { return messages_expected_; }
  uint64_t messages_received() const { return messages_received_; }

 private:
  struct LocalRank {
    uint32_t job, rank;
    std::unique_ptr<RankRunner> runner;
    bool ended = false;
  };
  // Something to do at a time. `what` is an index in ranks_, or a channel of `job`.
  struct Due {
    enum Kind : uint8_t { StartRank, RankTimer, LocalDelivery, ReadByNic, PostToNic };
    SimTime time;
    Kind kind;
    uint32_t job, what;
    Posted message = {};  // on its way to a NIC
    uint64_t order = 0;   // of schedule()'s calls: messages of a channel stay in order

    friend bool operator>(const Due& a, const Due& b) {
      return std::tie(a.time.ps, a.kind, a.job, a.what, a.order) >
             std::tie(b.time.ps, b.kind, b.job, b.what, b.order);
    }
  };

  void post_send(uint32_t channel, const Posted& message) override;
  void wake_at(uint32_t rank, SimTime at) override;
  void operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                       SimTime end) override;
  void iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) override;

  // Lets a rank act; the environment's functions above are about it while it does.
  template <class Act>
  void with(uint32_t index, SimTime now, Act act);
  void schedule(Due due);
  SimTime over_scale_up(uint32_t channel, uint64_t bytes);
  void send_to_nic(uint32_t channel, const Posted& message);
  void read_by_nic(uint32_t job, uint32_t channel, const Posted& message, SimTime now);
  void post_to_nic(uint32_t job, uint32_t channel, const Posted& message, SimTime now);
  void note_sent(uint32_t job, uint32_t channel, const Posted& message, SimTime now);
  void deliver(uint32_t job, uint32_t channel, SimTime now);
  void acknowledge(uint32_t job, uint32_t channel, SimTime now);

  const PlayedJobs& jobs_;
  std::vector<JobLog>& logs_;
  HostEnvironment& environment_;
  std::vector<LocalRank> ranks_;              // as PlayedJobs::ranks_of
  std::vector<SimTime> scale_up_busy_until_;  // by GPU: its way out, then that of what the reducer sends it
  std::vector<SimTime> pcie_busy_until_;      // by NIC
  uint64_t next_order_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  bool started_ = false;
  uint32_t ranks_expected_ = 0, ranks_ended_ = 0;
  uint64_t messages_expected_ = 0, messages_received_ = 0;

  // While a rank acts.
  LocalRank* acting_ = nullptr;
  SimTime now_;
};

}  // namespace railyard::schedule
