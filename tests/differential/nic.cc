// SPDX-License-Identifier: BSD-3-Clause
#include "tests/differential/nic.h"

#include <algorithm>

namespace railyard {

Nic::Nic(const Scenario& scenario) : scenario_(scenario) {
  sender_.start_at(scenario.first_psn);
  receiver_.expected_psn = scenario.first_psn;
  Dcqcn::start(rate_, scenario.dcqcn, scenario.rate);
}

std::optional<Packet> Nic::post_all(int64_t now) {
  for (uint64_t bytes : scenario_.messages) sender_.post(bytes, scenario_.nic.mtu);
  schedule_sender(now);
  return kick(now);
}

std::optional<Packet> Nic::on_transmit_end(int64_t now) {
  transmit_pending_ = false;
  return serve(now);
}

std::optional<Packet> Nic::on_arrival(const Packet& p, int64_t now) {
  const auto acked = [&] { acked_ps.push_back(now); };
  switch (p.kind) {
    case PacketKind::Data:
      answer(p, now);
      return kick(now);
    case PacketKind::Ack:
      sender_.on_ack(p.psn, now, acked);
      return std::nullopt;
    case PacketKind::Nak:
      sender_.on_nak(p.psn, now, acked);
      resend(now);
      return kick(now);
    case PacketKind::Cnp:
      Dcqcn::on_cnp(rate_, scenario_.dcqcn, now);
      return std::nullopt;
    case PacketKind::Pfc:
      break;
  }
  return std::nullopt;
}

std::optional<Packet> Nic::on_timer(int64_t now) {
  if (wake_at_ == now) {
    wake_at_ = SimTime::never().ps;
    Dcqcn::advance(rate_, scenario_.dcqcn, now);
    schedule_sender(now);
  } else {
    on_ack_timer(now);
  }
  return kick(now);
}

int64_t Nic::next_timer() const {
  return std::min(wake_at_, timeout_at_);
}

std::optional<Packet> Nic::kick(int64_t now) {
  if (transmit_pending_) return std::nullopt;
  if (now >= busy_until_) return serve(now);
  transmit_pending_ = has_answer() || schedule_ == Schedule::Ready;
  return std::nullopt;
}

bool Nic::has_answer() const {
  return std::any_of(answers_.begin(), answers_.end(), [](const auto& queue) { return !queue.empty(); });
}

// Answers first, by priority.
std::optional<Packet> Nic::serve(int64_t now) {
  std::optional<Packet> sent;
  for (auto queue = answers_.rbegin(); queue != answers_.rend() && !sent; ++queue) {
    if (queue->empty()) continue;
    sent = transmit(queue->front(), now);
    queue->pop_front();
  }
  if (!sent && schedule_ == Schedule::Ready) {
    schedule_ = Schedule::Idle;
    if (sender_.has_packet()) sent = send_data(now);
  }
  transmit_pending_ = sent && (has_answer() || schedule_ == Schedule::Ready);
  return sent;
}

Packet Nic::transmit(Packet p, int64_t now) {
  busy_until_ = now + serialisation_ps(p.frame_bytes, scenario_.rate.ps_per_byte());
  p.time_ps = busy_until_;
  return p;
}

Packet Nic::send_data(int64_t now) {
  Packet p;
  sender_.take_packet(p, scenario_.nic.mtu, scenario_.data_tos(), now);
  p = transmit(p, now);
  Dcqcn::advance(rate_, scenario_.dcqcn, now);
  Dcqcn::on_sent(rate_, scenario_.dcqcn, p.frame_bytes);
  paced_from_ = std::max(eligible_at(), now - (busy_until_ - now));
  paced_bytes_ = p.frame_bytes + wire::kPreambleAndGap;
  if (timeout_at_ == SimTime::never().ps && scenario_.nic.ack_timeout != 0)
    timeout_at_ = now + ack_timeout_of(scenario_.nic).ps;
  if (sender_.has_packet()) schedule_sender(busy_until_);
  return p;
}

int64_t Nic::eligible_at() const {
  constexpr double kBitPicoseconds = 8e12;
  return paced_from_ + static_cast<int64_t>(paced_bytes_ * kBitPicoseconds / Dcqcn::rate_bps(rate_));
}

void Nic::schedule_sender(int64_t by) {
  const int64_t eligible = eligible_at();
  schedule_ = eligible <= by ? Schedule::Ready : Schedule::Waiting;
  if (schedule_ == Schedule::Waiting)
    wake_at_ = std::min(eligible, Dcqcn::next_deadline(rate_, scenario_.dcqcn));
}

void Nic::answer(const Packet& data, int64_t now) {
  const int64_t cnp_interval = scenario_.dcqcn.min_time_between_cnps.ps;
  const ReceiveQueue::Verdict v = receiver_.on_data(data, scenario_.nic.ack_every, cnp_interval, now);
  if (v.cnp) reply(PacketKind::Cnp, 0);
  if (v.ack) reply(PacketKind::Ack, receiver_.expected_psn - 1);
  if (v.nak) reply(PacketKind::Nak, receiver_.expected_psn);
  if (v.message_complete) received_ps.push_back(now);
}

void Nic::reply(PacketKind kind, uint32_t psn) {
  Packet p{};
  p.kind = kind;
  p.psn = psn;
  p.frame_bytes = kind == PacketKind::Cnp ? wire::kCnpFrame : wire::kAckFrame;
  p.tos = kind == PacketKind::Cnp ? scenario_.cnp_tos() : scenario_.ack_tos();
  answers_[Scenario::queue_of(p.tos)].push_back(p);
}

void Nic::resend(int64_t now) {
  if (schedule_ == Schedule::Idle && sender_.has_packet()) schedule_sender(now);
}

void Nic::on_ack_timer(int64_t now) {
  timeout_at_ = SimTime::never().ps;
  if (!sender_.in_flight()) return;
  const int64_t wait = ack_timeout_of(scenario_.nic).ps;
  int64_t due = sender_.progress_ps + wait;
  if (due <= now) {
    ++timeouts;
    sender_.go_back();
    sender_.progress_ps = now;
    due = now + wait;
    resend(now);
  }
  timeout_at_ = due;
}

}  // namespace railyard
