// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/emulated_switch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "traffic/protocol/switching/held_pause.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

// Streams of the run's seed: one a purpose, and one a port and direction.
enum Stream : uint64_t { Marking = 0, FaultsIn = uint64_t{1} << 32, FaultsOut = uint64_t{2} << 32 };
constexpr uint32_t kPortBits = 8;  // kMaxSwitchPorts

uint64_t stream_of(const EmulatedSwitchSettings& settings, Stream purpose, uint32_t port = 0) {
  return purpose + (uint64_t{settings.node} << kPortBits) + port;
}

}  // namespace

EmulatedSwitch::Port::Port(const EmulatedSwitchSettings& settings, uint32_t index)
    : ps_per_byte(settings.rates[index].ps_per_byte()),
      faults_in(RandomStream(settings.seed, stream_of(settings, FaultsIn, index))),
      faults_out(RandomStream(settings.seed, stream_of(settings, FaultsOut, index))) {}

FrameRoom EmulatedSwitch::room_of(const EmulatedSwitchSettings& settings, FrameStore& store) {
  const uint32_t packet = wire::data_frame_bytes(settings.hosts.mtu, false);
  uint64_t on_links = 0;
  constexpr uint64_t kBothWays = 2;
  for (const BitRate rate : settings.rates)
    on_links += kBothWays * static_cast<uint64_t>(settings.link_delay.ps / rate.ps_per_byte());
  return {traffic_settings_of(settings), packet, Bytes{on_links}, store};
}

EmulatedSwitch::EmulatedSwitch(const EmulatedSwitchSettings& settings, std::vector<MacAddress> macs,
                               FrameStore& store)
    : settings_(settings),
      macs_(std::move(macs)),
      store_(store),
      room_(room_of(settings, store)),
      traffic_(traffic_settings_of(settings), RandomStream(settings.seed, stream_of(settings, Marking))) {
  for (uint32_t i = 0; i < settings.rates.size(); ++i) ports_.emplace_back(settings, i);
}

EmulatedSwitch::~EmulatedSwitch() {
  empty();
}

void EmulatedSwitch::configure(const EmulatedSwitchSettings& settings) {
  empty();
  settings_ = settings;
  room_ = room_of(settings, store_);
  traffic_ = TrafficManager(traffic_settings_of(settings),
                            RandomStream(settings.seed, stream_of(settings, Marking)));
  ports_.clear();
  for (uint32_t i = 0; i < settings.rates.size(); ++i) ports_.emplace_back(settings, i);
  next_sample_ = SimTime::never();
  samples_ = {};
  pauses_.clear();
  held_.clear();
}

void EmulatedSwitch::empty() {
  traffic_.clear();
  free_dropped();
  for (Port& port : ports_)
    for (; !port.line.empty(); port.line.pop()) store_.free(port.line.front().frame.handle);
}

void EmulatedSwitch::free_dropped() {
  for (FrameHandle frame : traffic_.dropped()) store_.free(frame);
  traffic_.dropped().clear();
}

void EmulatedSwitch::set_faults(const std::vector<PortFaults>& faults) {
  for (size_t i = 0; i < ports_.size() && i < faults.size(); ++i) {
    ports_[i].faults_in.set(faults[i].in);
    ports_[i].faults_out.set(faults[i].out);
  }
}

const FaultyLink& EmulatedSwitch::faults(uint32_t port, Direction direction) const {
  return direction == Direction::In ? ports_[port].faults_in : ports_[port].faults_out;
}

void EmulatedSwitch::receive(uint32_t port, const FrameHandle* frames, size_t count, SimTime now) {
  const SimTime since = now - now_;
  room_.fill(count);
  for (size_t i = 0; i < count; ++i) {
    const auto part = static_cast<double>(i + 1) / static_cast<double>(count);
    const SimTime even = now_ + SimTime{static_cast<int64_t>(part * static_cast<double>(since.ps))};
    receive_one(port, frames[i], even, now);
  }
}

void EmulatedSwitch::receive_one(uint32_t index, FrameHandle frame, SimTime earliest, SimTime now) {
  Port& port = ports_[index];
  const size_t size = store_.size(frame);
  const auto bytes = static_cast<uint32_t>(std::max<size_t>(size + kFcsBytes, wire::kMinimumFrame));
  ++port.counters.rx_packets;
  port.counters.rx_bytes += bytes;
  port.last_bit =
      std::min(now, std::max(earliest, port.last_bit + serialisation_time(bytes, port.ps_per_byte)));
  const bool mac_control = is_mac_control(store_.bytes(frame), size);
  bool of_run = run_.has(store_.bytes(frame), size);
  port.counters.run_received += of_run ? 1 : 0;
  port.counters.foreign += of_run || mac_control ? 0 : 1;
  const FaultyLink::Verdict v =
      port.faults_in.pass(port.last_bit + settings_.link_delay, relies_on_fcs(store_.bytes(frame), size));
  if (v.dropped) {
    count_loss(of_run, Loss::LinkFault);
    store_.free(frame);
    return;
  }
  if (v.corrupt) of_run = corrupt(port.faults_in, v, frame, of_run);
  if (v.duplicate) {
    FrameHandle copy = store_.copy(frame);
    ledger_.copied += of_run && copy != nullptr ? 1 : 0;
    copy != nullptr ? forward(index, copy, of_run, v.at) : void(++port.counters.no_buffer);
  }
  forward(index, frame, of_run, v.at);
}

bool EmulatedSwitch::corrupt(const FaultyLink& link, const FaultyLink::Verdict& verdict, FrameHandle frame,
                             bool of_run) {
  flip_bit(store_.bytes(frame), store_.size(frame), link.settings().corrupt_part, verdict.corrupt_bit);
  if (!of_run || run_.has(store_.bytes(frame), store_.size(frame))) return of_run;
  count_loss(true, Loss::Disfigured);
  return false;
}

void EmulatedSwitch::forward(uint32_t index, FrameHandle handle, bool of_run, SimTime at) {
  Port& port = ports_[index];
  FrameHeader header;
  if (!read_header(store_.bytes(handle), store_.size(handle), header)) {
    ++port.counters.malformed;
    store_.free(handle);
    return;
  }
  if (header.frame.is_pfc) {
    ++port.counters.pfc_received;
    port.counters.pause_sources.add(mac_address(header.source));
    if (!settings_.ignore_pauses) traffic_.arrive(index, header.frame, at);
    store_.free(handle);
    return;
  }
  header.frame.handle = handle;
  header.frame.of_run = of_run;
  const auto out = way_of(index, header, at);
  const bool goes_nowhere = out ? *out == index : ports_.size() == 1 || !routes_.is_on_tree(index);
  const auto lose = [&](uint64_t& counter, Loss why) {
    ++counter;
    count_loss(of_run, why);
    store_.free(handle);
  };
  if (is_link_local(header.destination) || goes_nowhere) {
    lose(port.counters.filtered, Loss::Filtered);
  } else if (header.is_incomplete && header.frame.bytes >= settings_.max_frame_bytes) {
    lose(port.counters.cut_short, Loss::CutShort);
  } else if (!room_.takes(header.frame, traffic_.pool())) {
    lose(port.counters.no_frame, Loss::NoFrame);
  } else if (out) {
    header.frame.out = *out;
    traffic_.arrive(index, header.frame, at);
  } else {
    flood(index, header.frame, at);
  }
}

// The route of the run, or else where the address was heard last; nothing: to everybody.
std::optional<uint16_t> EmulatedSwitch::way_of(uint32_t index, const FrameHeader& header, SimTime at) {
  const bool on_tree = routes_.is_on_tree(index);
  if (on_tree) addresses_.learn(header.source, static_cast<uint16_t>(index), at);
  if (const auto routed = routes_.port_for(header)) return routed;
  if (!on_tree || is_multicast(header.destination)) return std::nullopt;
  const auto heard = addresses_.find(header.destination, at);
  // One that was heard where the tree was another is heard anew.
  return heard && *heard < ports_.size() && routes_.is_on_tree(*heard) ? heard : std::nullopt;
}

// Null, and counted, where there is no room for it.
FrameHandle EmulatedSwitch::copy_to_flood(uint32_t index, const Frame& frame) {
  LinkCounters& counters = ports_[index].counters;
  const bool fits = room_.takes(frame, traffic_.pool());
  const FrameHandle copy = fits ? store_.copy(frame.handle) : nullptr;
  if (copy == nullptr) {
    ++(fits ? counters.no_buffer : counters.no_frame);
    return nullptr;
  }
  room_.fill(1);
  ledger_.copied += frame.of_run ? 1 : 0;
  return copy;
}

// Each copy is a frame of its own, to the buffer too.
void EmulatedSwitch::flood(uint32_t index, const Frame& frame, SimTime at) {
  ++ports_[index].counters.flooded;
  const auto send = [&](uint32_t out, FrameHandle handle) {
    Frame copy = frame;
    copy.out = static_cast<uint16_t>(out);
    copy.handle = handle;
    traffic_.arrive(index, copy, at);
  };
  std::optional<uint32_t> last;  // takes the frame itself
  for (uint32_t out = 0; out < ports_.size(); ++out) {
    if (out == index || !routes_.is_on_tree(out)) continue;
    if (last)
      if (const FrameHandle copy = copy_to_flood(index, frame); copy != nullptr) send(*last, copy);
    last = out;
  }
  if (last) return send(*last, frame.handle);
  count_loss(frame.of_run, Loss::Filtered);
  store_.free(frame.handle);
}

void EmulatedSwitch::hold_peer(uint32_t port, PrioritySet priorities, SimTime from, SimTime until) {
  held_.push_back({port, priorities, std::max(from, now_), until});
}

SimTime EmulatedSwitch::next_hold() const {
  SimTime next = SimTime::never();
  for (const HeldPeer& held : held_) next = std::min(next, held.next);
  return next;
}

void EmulatedSwitch::pause_held_peers(SimTime now) {
  for (HeldPeer& held : held_) {
    if (held.next > now) continue;
    PauseRequest request;
    request.enable_vector = held.priorities.mask;
    const bool resumes = now >= held.until;
    if (!resumes) request.quanta.fill(kLongestPause);
    traffic_.send_pause(held.port, request, now);
    const SimTime refresh = held_pause_refresh(ports_[held.port].ps_per_byte);
    held.next = resumes ? SimTime::never() : std::min(now + refresh, held.until);
  }
  held_.erase(std::remove_if(held_.begin(), held_.end(),
                             [](const HeldPeer& held) { return held.next == SimTime::never(); }),
              held_.end());
}

void EmulatedSwitch::advance(SimTime now) {
  while (next_hold() <= now) {
    run_to(std::max(next_hold(), now_));
    pause_held_peers(now_);
  }
  while (next_sample_ <= now) {
    run_to(next_sample_);
    sample();
  }
  run_to(now);
}

void EmulatedSwitch::run_to(SimTime now) {
  traffic_.advance(now);
  now_ = now;
  for (uint32_t i = 0; i < ports_.size(); ++i) {
    auto& departures = traffic_.departures(i);
    for (; !departures.empty(); departures.pop())
      depart(i, departures.front().frame, departures.front().at + settings_.link_delay);
  }
  free_dropped();
}

void EmulatedSwitch::depart(uint32_t index, Frame frame, SimTime at) {
  Port& port = ports_[index];
  if (frame.is_pfc) {
    if (!make_pfc(index, frame)) return;
  } else if (frame.marked) {
    write_ce(store_.bytes(frame.handle));
  }
  const FaultyLink::Verdict v =
      port.faults_out.pass(at, relies_on_fcs(store_.bytes(frame.handle), store_.size(frame.handle)));
  if (v.dropped) {
    count_loss(frame.of_run, Loss::LinkFault);
    store_.free(frame.handle);
    return;
  }
  if (v.corrupt) {
    frame.of_run = corrupt(port.faults_out, v, frame.handle, frame.of_run);
    frame.is_pfc = frame.is_pfc && is_own_pfc(index, frame.handle);
  }
  if (v.duplicate) {
    Frame copy = frame;
    copy.handle = store_.copy(frame.handle);
    ledger_.copied += frame.of_run && copy.handle != nullptr ? 1 : 0;
    copy.handle != nullptr ? port.line.push({v.at, copy}) : void(++port.counters.no_buffer);
  }
  port.line.push({v.at, frame});
}

// As its receiver counts them.
bool EmulatedSwitch::is_own_pfc(uint32_t index, FrameHandle frame) const {
  const auto pause = decode_pause(store_.bytes(frame), store_.size(frame));
  return pause && pause->per_priority && pause->source == macs_[index];
}

bool EmulatedSwitch::make_pfc(uint32_t index, Frame& frame) {
  frame.handle = store_.make(ethernet::kMinimumNoFcs);
  if (frame.handle == nullptr) {
    ++ports_[index].counters.no_buffer;
    return false;
  }
  PauseFrame pause;
  pause.source = macs_[index];
  pause.enable_vector = frame.pause.enable_vector;
  pause.quanta = frame.pause.quanta;
  encode(pause, store_.bytes(frame.handle), ethernet::kMinimumNoFcs);
  return true;
}

size_t EmulatedSwitch::due(uint32_t port, SimTime now, FrameHandle* frames, size_t room) const {
  const DelayLine<TimedFrame>& line = ports_[port].line;
  uint32_t count = 0;
  const size_t most = std::min<size_t>(room, line.size());
  for (; count < most && line.peek(count).at <= now; ++count) frames[count] = line.peek(count).frame.handle;
  return count;
}

SimTime EmulatedSwitch::next_event() const {
  SimTime next = std::min({next_sample_, next_hold(), traffic_.next_event()});
  for (const Port& port : ports_) next = std::min(next, port.line.next());
  return next;
}

SimTime EmulatedSwitch::take(uint32_t index) {
  Port& port = ports_[index];
  const TimedFrame& first = port.line.front();
  port.counters.run_sent += first.frame.of_run ? 1 : 0;
  port.counters.pauses_sent += first.frame.is_pfc ? 1 : 0;
  const SimTime at = first.at;
  port.line.pop();
  return at;
}

void EmulatedSwitch::give_up(uint32_t index, Loss why) {
  Port& port = ports_[index];
  const Frame& frame = port.line.front().frame;
  ++(why == Loss::TooLong ? port.counters.too_long : port.counters.refused);
  count_loss(frame.of_run, why);
  store_.free(frame.handle);
  port.line.pop();
}

RunLedger EmulatedSwitch::ledger() const {
  RunLedger ledger = ledger_;
  ledger.drops = traffic_.run_drops();
  ledger.held = traffic_.run_frames();
  for (const Port& port : ports_)
    for (uint32_t i = 0; i < port.line.size(); ++i) ledger.held += port.line.peek(i).frame.of_run ? 1 : 0;
  return ledger;
}

void EmulatedSwitch::start_run(SimTime at, SimTime sample_interval) {
  traffic_.reset_counters(now_);
  for (Port& port : ports_) {
    port.counters = {};
    port.faults_in.reset_counters();
    port.faults_out.reset_counters();
  }
  ledger_ = {};
  pauses_.clear();
  traffic_.log_pauses(&pauses_);
  samples_ = {};
  samples_.interval = sample_interval;
  samples_.bytes.assign(ports_.size(), {});
  next_sample_ = sample_interval > SimTime{} ? std::max(at, now_) + sample_interval : SimTime::never();
}

void EmulatedSwitch::sample() {
  for (uint32_t i = 0; i < ports_.size(); ++i) samples_.bytes[i].push_back(traffic_.queued_bytes(i));
  next_sample_ += samples_.interval;
}

}  // namespace railyard::lab
