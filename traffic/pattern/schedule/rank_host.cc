// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/rank_host.h"

#include <algorithm>

namespace railyard::schedule {

RankHost::RankHost(const PlayedJobs& jobs, uint32_t host, std::vector<JobLog>& logs,
                   HostEnvironment& environment)
    : jobs_(jobs),
      logs_(logs),
      environment_(environment),
      scale_up_busy_until_(size_t{2} * jobs.hosts.gpus_per_host),
      pcie_busy_until_(jobs.hosts.nics_per_host) {
  for (const PlayedRank& played : jobs.ranks_of[host]) {
    const PlayedJob& job = jobs.jobs[played.job];
    const uint32_t iterations = job.background ? 0 : job.iterations;
    ranks_.push_back(
        {played.job, played.rank, std::make_unique<RankRunner>(*job.schedule, played.rank, iterations)});
    ranks_expected_ += job.background ? 0 : 1;
    messages_expected_ += messages_to(job, played.rank);
  }
}

template <class Act>
void RankHost::with(uint32_t index, SimTime now, Act act) {
  LocalRank& rank = ranks_[index];
  acting_ = &rank;
  now_ = now;
  act(*rank.runner);
  acting_ = nullptr;
  if (!rank.runner->done() || rank.ended) return;
  rank.ended = true;
  ++ranks_ended_;
  environment_.rank_ended(now);
}

void RankHost::schedule(Due due) {
  due.order = next_order_++;
  due_.push(due);
  environment_.wake_at(due.time);
}

void RankHost::wake(SimTime now) {
  if (!started_) {
    started_ = true;
    for (uint32_t i = 0; i < ranks_.size(); ++i)
      schedule({jobs_.jobs[ranks_[i].job].start, Due::StartRank, 0, i});
  }
  while (next_due() <= now && !due_.empty()) {
    const Due due = due_.top();
    due_.pop();
    switch (due.kind) {
      case Due::StartRank:
        with(due.what, now, [&](RankRunner& runner) { runner.start(now, *this); });
        break;
      case Due::RankTimer:
        with(due.what, now, [&](RankRunner& runner) { runner.on_time(now, *this); });
        break;
      case Due::LocalDelivery:
        deliver(due.job, due.what, now);
        acknowledge(due.job, due.what, now);
        break;
      case Due::ReadByNic:
        read_by_nic(due.job, due.what, due.message, now);
        break;
      case Due::PostToNic:
        post_to_nic(due.job, due.what, due.message, now);
        break;
    }
  }
}

void RankHost::message_received(uint32_t flow, SimTime now) {
  const Flow of = jobs_.flow(flow);
  deliver(of.job, of.channel, now);
}

void RankHost::message_acked(uint32_t flow, SimTime now) {
  const Flow of = jobs_.flow(flow);
  acknowledge(of.job, of.channel, now);
}

void RankHost::deliver(uint32_t j, uint32_t channel, SimTime now) {
  const PlayedJob& job = jobs_.jobs[j];
  const Channel by = job.schedule->channel(channel);
  const uint32_t rank = by.dst_rank;
  if (!by.grants) {
    log_received(*job.schedule, logs_[j], channel, rank, now);
    messages_received_ += job.background ? 0 : 1;
  }
  with(job.slot_of_rank[rank], now, [&](RankRunner& runner) { runner.on_received(channel, now, *this); });
}

void RankHost::acknowledge(uint32_t j, uint32_t channel, SimTime now) {
  const PlayedJob& job = jobs_.jobs[j];
  const Channel by = job.schedule->channel(channel);
  if (by.grants) return;
  const uint32_t rank = by.src_rank;
  log_acked(*job.schedule, logs_[j], channel, rank, now);
  with(job.slot_of_rank[rank], now, [&](RankRunner& runner) { runner.on_sent(channel, now, *this); });
}

void RankHost::note_sent(uint32_t job, uint32_t channel, const Posted& m, SimTime now) {
  const Schedule& schedule = *jobs_.jobs[job].schedule;
  const Channel by = schedule.channel(channel);
  if (!by.grants)
    log_sent(schedule, logs_[job], channel, by.src_rank, {m.bytes, m.operation, m.iteration, now});
}

void RankHost::post_send(uint32_t channel, const Posted& message) {
  if (jobs_.flow_of(acting_->job, channel) != kNone) return send_to_nic(channel, message);
  note_sent(acting_->job, channel, message, now_);
  schedule({over_scale_up(channel, message.bytes), Due::LocalDelivery, acting_->job, channel});
}

// When it is there. The host's reducer is in its scale-up switch: halfway, and from there each GPU's link has
// its own turn.
SimTime RankHost::over_scale_up(uint32_t channel, uint64_t bytes) {
  const PlayedJob& job = jobs_.jobs[acting_->job];
  const RankLocation from = job.placement[acting_->rank],
                     to = job.placement[job.schedule->channel(channel).dst_rank];
  const bool by_reducer = jobs_.hosts.is_reducer(from), to_reducer = jobs_.hosts.is_reducer(to);
  SimTime& busy_until = scale_up_busy_until_[by_reducer ? jobs_.hosts.gpus_per_host + to.gpu : from.gpu];
  busy_until = std::max(busy_until, now_) + jobs_.hosts.scale_up_rate.time_of(Bytes{bytes});
  const bool halfway = by_reducer || (to_reducer && to.host == from.host);
  const SimTime latency = jobs_.hosts.scale_up_latency;
  return busy_until + (halfway ? SimTime{latency.ps / 2} : latency);
}

void RankHost::send_to_nic(uint32_t channel, const Posted& message) {
  const PlayedJob& job = jobs_.jobs[acting_->job];
  if (jobs_.hosts.is_reducer(job.placement[acting_->rank]))
    return post_to_nic(acting_->job, channel, message, now_);
  const Channel by = job.schedule->channel(channel);
  const uint32_t own_nic = jobs_.hosts.nic_of(job.placement[acting_->rank].gpu);
  const bool is_own = by.src_nic == kNone || by.src_nic == own_nic;
  SimTime at = is_own || !jobs_.hosts.has_scale_up() ? now_ : over_scale_up(channel, message.bytes);
  at = at + jobs_.collectives.proxy_latency;
  if (at == now_) return read_by_nic(acting_->job, channel, message, now_);
  schedule({at, Due::ReadByNic, acting_->job, channel, message});
}

void RankHost::read_by_nic(uint32_t job, uint32_t channel, const Posted& message, SimTime now) {
  // A grant is in the work request itself (IBV_SEND_INLINE).
  const bool is_inline = jobs_.jobs[job].schedule->channel(channel).grants;
  if (jobs_.hosts.pcie_rate.bps == 0 || is_inline) return post_to_nic(job, channel, message, now);
  const Flow flow = jobs_.flow(jobs_.flow_of(job, channel));
  SimTime& busy_until = pcie_busy_until_[flow.source % jobs_.hosts.nics_per_host];
  busy_until = std::max(busy_until, now) + jobs_.hosts.pcie_rate.time_of(Bytes{message.bytes});
  schedule({busy_until, Due::PostToNic, job, channel, message});
}

void RankHost::post_to_nic(uint32_t job, uint32_t channel, const Posted& message, SimTime now) {
  note_sent(job, channel, message, now);
  const uint32_t flow = jobs_.flow_of(job, channel);
  environment_.post(flow, Bytes{message.bytes}, now);
  if (message.is_last && jobs_.is_last(job, channel, message.operation, message.iteration))
    environment_.retire(flow);
}

void RankHost::wake_at(uint32_t /* rank: always the one that acts */, SimTime at) {
  schedule({at, Due::RankTimer, 0, static_cast<uint32_t>(acting_ - ranks_.data())});
}

void RankHost::operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                               SimTime end) {
  logs_[acting_->job].ranks[rank].spans.push_back({operation, iteration, rank, start, end});
}

void RankHost::iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) {
  logs_[acting_->job].ranks[rank].iterations.push_back({acting_->job, iteration, rank, start, end});
}

}  // namespace railyard::schedule
