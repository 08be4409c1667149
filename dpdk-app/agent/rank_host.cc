// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/rank_host.h"

#include <algorithm>

namespace railyard::lab {
namespace {

// Messages that a rank receives in an iteration: one a step of a collective, one a receive.
uint64_t messages_of(const schedule::Schedule& schedule, const schedule::RankPart& rank) {
  uint64_t messages = 0;
  for (uint32_t t = rank.first_task; t < rank.first_task + rank.task_count; ++t) {
    const schedule::Task& task = schedule.tasks[t];
    if (task.kind == schedule::TaskKind::Collective) {
      const schedule::Operation& operation = schedule.operations[task.operation];
      const uint32_t me = schedule.memberships[rank.first_membership + task.membership].me;
      messages += operation.algorithm->step_count(schedule.call_of(operation, me));
    }
    messages += task.kind == schedule::TaskKind::Receive ? 1 : 0;
  }
  return messages;
}

}  // namespace

RankHost::RankHost(const LabPlan& plan, const FlowTable& flows, uint32_t host, std::vector<JobLog>& logs,
                   MessageSender& sender)
    : plan_(plan),
      flows_(flows),
      logs_(logs),
      sender_(sender),
      index_of_(plan.jobs.size()),
      scale_up_busy_until_(plan.gpus_per_host, 0) {
  for (uint32_t j = 0; j < plan.jobs.size(); ++j) {
    const LabJob& job = plan.jobs[j];
    index_of_[j].resize(job.schedule.rank_count());
    for (uint32_t rank = 0; rank < job.schedule.rank_count(); ++rank)
      if (job.placement[rank].host == host) add_rank(j, rank);
  }
}

void RankHost::add_rank(uint32_t j, uint32_t rank) {
  const LabJob& job = plan_.jobs[j];
  index_of_[j][rank] = static_cast<uint32_t>(ranks_.size());
  const uint32_t iterations = job.background ? 0 : job.iterations;
  ranks_.push_back({j, rank, std::make_unique<schedule::RankRunner>(job.schedule, rank, iterations), false});
  if (job.background) return;
  ++ranks_expected_;
  messages_expected_ += messages_of(job.schedule, job.schedule.ranks[rank]) * job.iterations;
}

template <class Act>
void RankHost::with(uint32_t index, int64_t now, Act act) {
  LocalRank& rank = ranks_[index];
  acting_ = &rank;
  now_ = now;
  act(*rank.runner);
  acting_ = nullptr;
  if (!rank.runner->done() || rank.reported_done) return;
  rank.reported_done = true;
  finished_at_ = now;
  ranks_done_ += plan_.jobs[rank.job].background ? 0 : 1;
}

void RankHost::poll(int64_t now) {
  if (now < 0) return;
  if (!started_) {
    started_ = true;
    for (uint32_t i = 0; i < ranks_.size(); ++i)
      due_.push({plan_.jobs[ranks_[i].job].start.ps, Due::StartRank, 0, i});
  }
  while (due_next() <= now) {
    const Due due = due_.top();
    due_.pop();
    switch (due.kind) {
      case Due::StartRank:
        with(due.what, now, [&](auto& runner) { runner.start(SimTime{now}, *this); });
        break;
      case Due::RankTimer:
        with(due.what, now, [&](auto& runner) { runner.on_time(SimTime{now}, *this); });
        break;
      case Due::LocalDelivery:
        deliver(due.job, due.what, now);
        acknowledge(due.job, due.what, now);
        break;
    }
  }
}

void RankHost::message_received(uint32_t flow, int64_t now) {
  if (!stopped_) deliver(flows_[flow].job, flows_[flow].channel, now);
}

void RankHost::message_acked(uint32_t flow, int64_t now) {
  if (!stopped_) acknowledge(flows_[flow].job, flows_[flow].channel, now);
}

void RankHost::queue_pair_failed(uint32_t flow, int64_t) {
  if (failed_flow_ == kNoFlow) failed_flow_ = flow;
}

void RankHost::deliver(uint32_t job, uint32_t channel, int64_t now) {
  logs_[job].channels[channel].received.push_back(now);
  messages_received_ += plan_.jobs[job].background ? 0 : 1;
  const uint32_t rank = plan_.jobs[job].schedule.channels[channel].dst_rank;
  with(index_of_[job][rank], now, [&](auto& runner) { runner.on_received(channel, SimTime{now}, *this); });
}

void RankHost::acknowledge(uint32_t job, uint32_t channel, int64_t now) {
  logs_[job].channels[channel].acked.push_back(now);
  const uint32_t rank = plan_.jobs[job].schedule.channels[channel].src_rank;
  with(index_of_[job][rank], now, [&](auto& runner) { runner.on_sent(channel, SimTime{now}, *this); });
}

void RankHost::post_send(uint32_t channel, uint64_t bytes, uint32_t operation, uint32_t iteration) {
  logs_[acting_->job].channels[channel].sent.push_back({bytes, operation, iteration, now_});
  if (const uint32_t flow = flows_.flow_of(acting_->job, channel); flow != kNoFlow) {
    sender_.post(flow, bytes, now_);
    return;
  }
  int64_t& busy_until = scale_up_busy_until_[plan_.jobs[acting_->job].placement[acting_->rank].gpu];
  busy_until = std::max(busy_until, now_) + plan_.scale_up_rate.time_of(Bytes{bytes}).ps;
  due_.push({busy_until + plan_.scale_up_latency.ps, Due::LocalDelivery, acting_->job, channel});
}

void RankHost::wake_at(uint32_t /* rank: always the one that acts */, SimTime at) {
  due_.push({at.ps, Due::RankTimer, 0, static_cast<uint32_t>(acting_ - ranks_.data())});
}

void RankHost::operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                               SimTime end) {
  logs_[acting_->job].ranks[rank].spans.push_back({operation, iteration, rank, start, end});
}

void RankHost::iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) {
  logs_[acting_->job].ranks[rank].iterations.push_back({acting_->job, iteration, rank, start, end});
}

}  // namespace railyard::lab
