// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/switch_loop.h"

#include <rte_launch.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "dpdk-app/device/lcore_answer.h"

namespace railyard::lab {
namespace {

// Frames a port and poll: all that come within a usual stall, so that they are spread over it.
constexpr size_t kReceiveBurst = 256;
// Few enough that no port waits long for another.
constexpr size_t kTransmitBurst = 64;

std::vector<MacAddress> macs_of(const std::vector<EthernetPort>& ports) {
  std::vector<MacAddress> macs;
  for (const EthernetPort& port : ports) macs.push_back(port.mac());
  return macs;
}

}  // namespace

SwitchLoop::SwitchLoop(std::vector<EthernetPort> ports, rte_mempool* pool, const TscClock& clock,
                       const EmulatedSwitchSettings& settings)
    : ports_(std::move(ports)), store_(pool), clock_(clock), switch_(settings, macs_of(ports_), store_) {
  now_ = std::max(SimTime{}, clock_.now());
}

SwitchLoop::~SwitchLoop() {
  stop();
}

void SwitchLoop::start(unsigned lcore, bool real_time, std::vector<SwitchLoop*> beside) {
  real_time_ = real_time;
  lcore_ = lcore;
  polled_ = std::move(beside);
  polled_.insert(polled_.begin(), this);
  for (SwitchLoop* loop : polled_) loop->running_ = true;
  rte_eal_remote_launch(&SwitchLoop::run, this, lcore);
}

void SwitchLoop::stop() {
  if (polled_.empty() || !running_.exchange(false)) return;
  rte_eal_wait_lcore(lcore_);
  for (SwitchLoop* loop : polled_) loop->running_ = false;
}

int SwitchLoop::run(void* self) {
  auto& first = *static_cast<SwitchLoop*>(self);
  const IdleWait idle(first.real_time_);
  SimTime worked;
  while (first.running_.load(std::memory_order_relaxed)) {
    bool busy = false;
    for (SwitchLoop* loop : first.polled_) busy |= loop->poll();
    if (busy) worked = first.now_;
    if (!busy && first.real_time_) first.wait(idle, first.now_ - worked);
  }
  return 0;
}

// Several switches of a lab share few processors: between runs they leave these to others. Each loop lives by
// a clock of its own, behind the others' by what it lost.
void SwitchLoop::wait(const IdleWait& idle, SimTime idle_for) const {
  constexpr SimTime kBetweenRuns = SimTime::milliseconds(100);
  SimTime due = SimTime::never();
  for (const SwitchLoop* loop : polled_)
    if (const SimTime next = loop->switch_.next_event(); next != SimTime::never())
      due = std::min(due, now_ + (next - loop->now_));
  idle.wait(now_, due, idle_for > kBetweenRuns ? IdleWait::kLong : IdleWait::kShort);
}

SimTime SwitchLoop::time() {
  const SimTime now = clock_.now() - counters_.lost;
  const SimTime beyond = now - now_ - kLongestStall;
  if (beyond <= SimTime{}) return now_ = std::max(now, now_);
  ++counters_.long_stalls;
  counters_.lost += beyond;
  return now_ += kLongestStall;
}

bool SwitchLoop::poll() {
  size_t frames = 0;
  for (uint32_t i = 0; i < ports_.size(); ++i) frames += receive(i);
  const SimTime now = time();
  switch_.advance(now);
  for (uint32_t i = 0; i < ports_.size(); ++i) frames += transmit(i, now);
  if (const Command* command = command_.load(std::memory_order_acquire)) {
    (*command)(switch_, now);
    command_.store(nullptr, std::memory_order_release);
  }
  return frames > 0;
}

size_t SwitchLoop::receive(uint32_t port) {
  std::array<rte_mbuf*, kReceiveBurst> frames;
  const uint16_t count = ports_[port].receive(0, frames.data(), kReceiveBurst);
  if (count == 0) return 0;
  std::array<FrameHandle, kReceiveBurst> handles;
  std::copy_n(frames.begin(), count, handles.begin());
  // The time is taken afterwards: no frame came later than it.
  switch_.receive(port, handles.data(), count, time());
  return count;
}

size_t SwitchLoop::transmit(uint32_t port, SimTime now) {
  if (switch_.next_due(port) > now) return 0;
  std::array<FrameHandle, kTransmitBurst> due;
  size_t count = switch_.due(port, now, due.data(), due.size());
  std::array<rte_mbuf*, kTransmitBurst> frames;
  std::transform(due.begin(), due.begin() + count, frames.begin(),
                 [](FrameHandle frame) { return static_cast<rte_mbuf*>(frame); });
  // af_packet's driver takes such a frame, and counts it as sent.
  const uint32_t longest = ports_[port].capabilities().max_frame_bytes;
  const auto fits = [longest](const rte_mbuf* frame) { return frame->pkt_len + kFcsBytes <= longest; };
  if (count > 0 && !fits(frames[0])) {
    switch_.give_up(port, Loss::TooLong);
    return 1;
  }
  count =
      static_cast<size_t>(std::find_if_not(frames.begin(), frames.begin() + count, fits) - frames.begin());
  if (capture_ != nullptr) record(frames.data(), count, now);
  const uint16_t sent = ports_[port].transmit(0, frames.data(), static_cast<uint16_t>(count));
  for (uint16_t i = 0; i < sent; ++i) lateness_.add((now - switch_.take(port)).ps);
  if (sent == count || now - switch_.next_due(port) < kLongestStall) return sent;
  for (size_t i = sent; i < count; ++i) switch_.give_up(port, Loss::Refused);  // nobody is at the other end
  return count;
}

// Before they are sent: then they are the device's.
void SwitchLoop::record(rte_mbuf* const* frames, size_t count, SimTime now) {
  for (size_t i = 0; i < count; ++i)
    capture_->record(now, rte_pktmbuf_mtod(frames[i], const uint8_t*), rte_pktmbuf_data_len(frames[i]));
}

void SwitchLoop::capture(Bytes capacity) {
  std::unique_ptr<PcapRing> ring;
  if (capacity.n > 0) ring = std::make_unique<PcapRing>(capacity);
  call([&](EmulatedSwitch&, SimTime) { capture_.swap(ring); });
}

Capture SwitchLoop::take_capture() {
  Capture capture;
  SimTime at;
  call([&](EmulatedSwitch&, SimTime now) {
    capture_.swap(capture.frames);
    at = now;
  });
  timespec since_1970{};
  clock_gettime(CLOCK_REALTIME, &since_1970);
  constexpr int64_t kPicosecondsPerNanosecond = 1'000;
  capture.epoch = std::chrono::seconds(since_1970.tv_sec) +
                  std::chrono::nanoseconds(since_1970.tv_nsec - at.ps / kPicosecondsPerNanosecond);
  return capture;
}

void SwitchLoop::call(const Command& command) {
  const std::lock_guard lock(calling_);
  if (!running_) {
    command(switch_, time());
    return;
  }
  command_.store(&command, std::memory_order_release);
  await_lcore([this] { return command_.load(std::memory_order_acquire) == nullptr; });
}

}  // namespace railyard::lab
