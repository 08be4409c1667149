// SPDX-License-Identifier: BSD-3-Clause
// The ranks that sit on one host, and who carries their messages: its NICs to other hosts, the sending GPU's
// scale-up link within the host, one message after another. As ns3-modules/replay's ReplayHost does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <tuple>
#include <vector>

#include "dpdk-app/agent/nic_port.h"
#include "dpdk-app/agent/run_log.h"
#include "traffic/pattern/schedule/runner.h"

namespace railyard::lab {

// Where a rank's messages to other hosts go.
class MessageSender {
 public:
  virtual ~MessageSender() = default;
  virtual void post(uint32_t flow, uint64_t bytes, int64_t now) = 0;
};

// Times given and logged count from the start of the run.
class RankHost final : public MessageEvents, private schedule::RunnerEnvironment {
 public:
  // `logs` is empty_logs(plan), shared by the hosts of an agent.
  RankHost(const LabPlan& plan, const FlowTable& flows, uint32_t host, std::vector<JobLog>& logs,
           MessageSender& sender);

  // Does what is due; the first call starts the ranks.
  void poll(int64_t now);
  int64_t next_due() const { return started_ ? due_next() : 0; }
  // The ranks do no more.
  void stop() { stopped_ = true; }

  void message_received(uint32_t flow, int64_t now) override;
  void message_acked(uint32_t flow, int64_t now) override;
  void queue_pair_failed(uint32_t flow, int64_t now) override;

  // Ranks of jobs that are not background, and those that ended their iterations.
  uint32_t ranks_expected() const { return ranks_expected_; }
  uint32_t ranks_done() const { return ranks_done_; }
  // Messages that these will receive, and that have come.
  uint64_t messages_expected() const { return messages_expected_; }
  uint64_t messages_received() const { return messages_received_; }
  uint32_t failed_flow() const { return failed_flow_; }  // kNoFlow: none
  int64_t finished_at() const { return finished_at_; }   // the last rank that ended

 private:
  struct LocalRank {
    uint32_t job, rank;
    std::unique_ptr<schedule::RankRunner> runner;
    bool reported_done = false;
  };
  // Something to do at a time. `what` is an index in ranks_, or a channel of `job`.
  struct Due {
    enum Kind : uint8_t { StartRank, RankTimer, LocalDelivery };
    int64_t time;
    Kind kind;
    uint32_t job, what;

    friend bool operator>(const Due& a, const Due& b) {
      return std::tie(a.time, a.kind, a.job, a.what) > std::tie(b.time, b.kind, b.job, b.what);
    }
  };

  void post_send(uint32_t channel, uint64_t bytes, uint32_t operation, uint32_t iteration) override;
  void wake_at(uint32_t rank, SimTime at) override;
  void operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                       SimTime end) override;
  void iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) override;

  int64_t due_next() const { return due_.empty() || stopped_ ? SimTime::never().ps : due_.top().time; }
  void add_rank(uint32_t job, uint32_t rank);
  // Lets a rank act; the environment's functions above are about it while it does.
  template <class Act>
  void with(uint32_t index, int64_t now, Act act);
  void deliver(uint32_t job, uint32_t channel, int64_t now);
  void acknowledge(uint32_t job, uint32_t channel, int64_t now);

  const LabPlan& plan_;
  const FlowTable& flows_;
  std::vector<JobLog>& logs_;
  MessageSender& sender_;
  std::vector<LocalRank> ranks_;
  std::vector<std::vector<uint32_t>> index_of_;  // by job and rank: in ranks_
  std::vector<int64_t> scale_up_busy_until_;     // by GPU
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  bool started_ = false, stopped_ = false;
  uint32_t ranks_expected_ = 0, ranks_done_ = 0;
  uint64_t messages_expected_ = 0, messages_received_ = 0;
  uint32_t failed_flow_ = kNoFlow;
  int64_t finished_at_ = 0;

  // While a rank acts.
  LocalRank* acting_ = nullptr;
  int64_t now_ = 0;
};

}  // namespace railyard::lab
