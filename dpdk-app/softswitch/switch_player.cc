// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/switch_player.h"

#include <fmt/format.h>
#include <rte_version.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "dpdk-app/session/lab_plan.h"
#include "dpdk-app/session/port_frames.h"
#include "dpdk-app/softswitch/planned_switch.h"
#include "dpdk-app/softswitch/switch_record.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

constexpr double kReportedPercentile = 99;

std::string machine_line() {
  utsname system{};
  uname(&system);
  return fmt::format("{} {} {}, {}", system.machine, system.sysname, system.release, rte_version());
}

MacKey mac_key(const std::string& bytes) {
  MacKey key = 0;
  for (const char byte : bytes) key = key << 8 | static_cast<unsigned char>(byte);
  return key;
}

uint64_t sum(const std::array<uint64_t, kDropReasons>& drops) {
  uint64_t total = 0;
  for (const uint64_t count : drops) total += count;
  return total;
}

}  // namespace

tl::expected<void, std::string> check_frames(const control::Plan& plan, const control::Identity& self) {
  const auto longest = longest_frame_of(plan);
  if (!longest) return tl::make_unexpected(longest.error());
  for (const control::PortStatus& port : self.ports())
    if (port.max_frame_bytes() < *longest)
      return tl::make_unexpected(fmt::format(
          "port '{}' of soft switch '{}' carries frames of at most {} bytes, and the plan has some of "
          "{}; raise its interface's MTU to {} at both ends, start the switch with --max-frame {}, or "
          "lower nic.mtu",
          port.name(), self.name(), port.max_frame_bytes(), *longest,
          *longest - ethernet::kHeader - kFcsBytes, *longest));
  return {};
}

SwitchPlayer::SwitchPlayer(SwitchLoop& loop, const EmulatedSwitchSettings& settings,
                           std::vector<PortFaults> faults, std::string name, double clock_error_ppm,
                           std::optional<CaptureFolder> captures)
    : loop_(loop),
      own_settings_(settings),
      own_faults_(std::move(faults)),
      own_name_(std::move(name)),
      clock_error_ppm_(clock_error_ppm),
      captures_(std::move(captures)),
      offload_before_(loop.ports().size()) {}

control::Identity SwitchPlayer::identity() {
  control::Identity identity;
  identity.set_name(own_name_);
  identity.set_kind(control::SOFTSWITCH);
  identity.set_machine(machine_line());
  identity.set_tsc_error_ppm(clock_error_ppm_);
  for (const EthernetPort& port : loop_.ports()) {
    control::PortStatus& status = *identity.add_ports();
    const LinkState link = port.link();
    const MacAddress mac = port.mac();
    status.set_name(port.name());
    status.set_driver(port.driver());
    status.set_mac(mac.data(), mac.size());
    status.set_link_up(link.up);
    status.set_link_bps(link.rate.bps);
    status.set_max_frame_bytes(std::min(port.capabilities().max_frame_bytes, own_settings_.max_frame_bytes));
    status.set_is_virtual(port.capabilities().is_virtual);
  }
  return identity;
}

tl::expected<PreparedRun, std::string> SwitchPlayer::prepare(const control::Plan& plan,
                                                             const std::atomic<bool>&) {
  std::vector<std::string> ports;
  for (const EthernetPort& port : loop_.ports()) ports.push_back(port.name());
  const auto planned = planned_switch(plan, ports, own_settings_);
  if (!planned) return tl::make_unexpected(planned.error());
  if (const auto carried = check_frames(plan, identity()); !carried)
    return tl::make_unexpected(carried.error());
  name_ = planned->name;
  tree_ = planned->routes.on_tree;
  scenario_ = plan.scenario();
  setting_ = plan.setting();
  seed_ = plan.seed();
  auto capture =
      begin_captures(plan, captures_ ? &*captures_ : nullptr, {name_}, PcapRing::largest_file(kCaptureBytes));
  if (!capture) return tl::make_unexpected(capture.error());
  capture_ = *std::move(capture);
  endpoints_.clear();
  for (const control::Endpoint& endpoint : plan.endpoints()) endpoints_.push_back(mac_key(endpoint.mac()));
  sample_interval_ = SimTime{plan.sample_interval_ps()};
  lateness_limit_ = SimTime{plan.lateness_limit_ps()};
  end_ = SimTime::never();
  events_.clear();
  for (const control::Fault& fault : planned->faults)
    events_.push_back(fmt::format("{}: fault {} = {}", name_, fault.path(), fault.text()));
  PreparedRun prepared;
  prepared.maximum_duration = SimTime{plan.maximum_duration_ps()};
  std::vector<uint32_t> addresses;
  for (const control::Endpoint& endpoint : plan.endpoints()) addresses.push_back(endpoint.ip());
  loop_.call([&](EmulatedSwitch& on, SimTime) {
    on.configure(planned->settings);
    on.set_faults(planned->port_faults);
    on.set_routes(planned->routes);
    on.set_run(RunFrames(std::move(addresses)));
    if (on.room().room() < on.room().needed())
      prepared.warnings.push_back(fmt::format(
          "{} has memory for {} frames, and its buffer could hold {}: beyond them frames are lost, and the "
          "run is "
          "invalid; raise nic.mtu, lower switch.mmu_size, or give the machine more memory (--frames)",
          name_, on.room().room(), on.room().needed()));
  });
  loop_.capture(plan.capture() ? kCaptureBytes : Bytes{0});
  return prepared;
}

tl::expected<control::ProbeResult, std::string> SwitchPlayer::probe(const control::Probe& probe) {
  control::ProbeResult result;
  SimTime end, lost_before, shortest_pause = SimTime::never();
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    lost_before = loop_.counters().lost;
    for (const BitRate rate : on.settings().rates)
      shortest_pause = std::min(shortest_pause, pause_duration(kLongestPause, rate.ps_per_byte()));
    const SimTime start = std::max(now, loop_.from_raw_ns(probe.at_ns()));
    end = start + SimTime{probe.duration_ps()} - now;
    for (const control::ProbePause& pause : probe.pauses()) {
      if (pause.switch_name() != name_) continue;
      const auto port = on.addresses().find(endpoints_[pause.endpoint()], now);
      if (port)
        on.hold_peer(*port, PrioritySet{static_cast<uint8_t>(pause.priorities())},
                     start + SimTime{pause.from_ps()}, start + SimTime{pause.until_ps()});
      else
        result.add_problems(fmt::format("{} has heard nothing of endpoint {}", name_, pause.endpoint()));
    }
  });
  std::this_thread::sleep_for(std::chrono::nanoseconds(end / SimTime::nanoseconds(1)));
  loop_.call([&](EmulatedSwitch&, SimTime) {
    if (loop_.counters().lost - lost_before > shortest_pause)
      result.add_problems("it was kept from its processor for longer than a pause lasts");
  });
  return result;
}

tl::expected<void, std::string> SwitchPlayer::start(int64_t at_ns) {
  started_ = true;
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    start_ = std::max(now, loop_.from_raw_ns(at_ns));
    on.start_run(start_, sample_interval_);
    loop_.lateness().clear();
    lost_before_ = loop_.counters().lost;
    offload_before_.clear();
    for (const EthernetPort& port : loop_.ports()) offload_before_.push_back(port.offload());
    last_status_ = start_;
    last_tx_bytes_ = last_rx_bytes_ = 0;
  });
  losses_before_.clear();
  for (const EthernetPort& port : loop_.ports()) losses_before_.push_back(device_losses(port.id()));
  return {};
}

RunStatus SwitchPlayer::status() {
  RunStatus status;
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    status.started = now >= start_;
    if (!status.started) return;
    control::Progress& p = status.progress;
    uint64_t tx_bytes = 0, rx_bytes = 0;
    for (uint32_t i = 0; i < on.port_count(); ++i) {
      const TrafficCounters c = on.traffic().counters(i);
      tx_bytes += c.tx_bytes;
      rx_bytes += on.counters(i).rx_bytes;
      p.set_ecn_marked(p.ecn_marked() + c.ecn_marked);
      p.set_pauses(p.pauses() + c.pauses_sent);
      p.set_drops(p.drops() + sum(c.drops));
    }
    constexpr double kBitsPerByte = 8;
    const double seconds = (now - last_status_).to_seconds();
    if (seconds > 0 && tx_bytes >= last_tx_bytes_ && rx_bytes >= last_rx_bytes_) {
      p.set_tx_bps(
          static_cast<uint64_t>(kBitsPerByte * static_cast<double>(tx_bytes - last_tx_bytes_) / seconds));
      p.set_rx_bps(
          static_cast<uint64_t>(kBitsPerByte * static_cast<double>(rx_bytes - last_rx_bytes_) / seconds));
    }
    last_tx_bytes_ = tx_bytes;
    last_rx_bytes_ = rx_bytes;
    last_status_ = now;
    p.set_lateness_p99_ps(loop_.lateness().percentile(kReportedPercentile));
  });
  return status;
}

// Frames go on being forwarded: peers may have something left to say.
void SwitchPlayer::stop(const std::string&) {
  loop_.call([&](EmulatedSwitch&, SimTime now) { end_ = std::min(end_, now); });
}

bool SwitchPlayer::drained() {
  constexpr SimTime kQuiet = SimTime::milliseconds(100);
  bool drained = false;
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    uint64_t frames = on.ledger().held;
    drained = frames == 0;
    for (uint32_t i = 0; i < on.port_count(); ++i) frames += on.counters(i).run_received;
    if (frames != heard_.frames || heard_.at == SimTime{}) heard_ = {frames, now};
    drained &= now - heard_.at >= kQuiet;
  });
  return drained;
}

tl::expected<control::Measurements, std::string> SwitchPlayer::collect() {
  control::Measurements measurements;
  record::Record record;
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    record = switch_record(on, name_, start_, std::min(now, end_));
    add_counters(on, measurements);
    add_frames(on, *measurements.mutable_frames());
    const Histogram& lateness = loop_.lateness();
    control::Histogram& histogram = *measurements.add_histograms();
    histogram.set_name("switch_lateness");
    for (const uint64_t count : lateness.counts()) histogram.add_counts(count);
    histogram.set_minimum(lateness.minimum());
    histogram.set_maximum(lateness.maximum());
    const SimTime p99{lateness.percentile(kReportedPercentile)};
    measurements.set_valid(lateness_limit_ == SimTime{} || p99 <= lateness_limit_);
    if (!measurements.valid())
      measurements.set_invalid_because(fmt::format(
          "{} sent 1 % of its frames more than {:.1f} us late, and the limit is {:.1f} us; give it a "
          "processor of its own, or a larger time_scale",
          name_, p99.to_microseconds(), lateness_limit_.to_microseconds()));
    const SimTime lost = loop_.counters().lost - lost_before_;
    if (lost > SimTime{})
      events_.push_back(fmt::format("{} stood still for {:.1f} ms in all", name_, lost.to_seconds() * 1e3));
  });
  write_capture();
  record.scenario = scenario_;
  record.setting = setting_;
  record.seed = seed_;
  auto bytes = record::encode_record(record);
  if (!bytes) return tl::make_unexpected(bytes.error());
  measurements.set_record(*std::move(bytes));
  for (const std::string& event : events_) measurements.add_events(event);
  return measurements;
}

void SwitchPlayer::add_counters(const EmulatedSwitch& from, control::Measurements& to) const {
  const auto add = [&](uint32_t port, const char* name, uint64_t count) {
    if (count == 0) return;
    control::Value& value = *to.add_counters();
    value.set_name(fmt::format("{}:{} {}", name_, port, name));
    value.set_text(std::to_string(count));
  };
  for (uint32_t i = 0; i < from.port_count(); ++i) {
    const LinkCounters& c = from.counters(i);
    const FaultCounters& in = from.faults(i, Direction::In).counters();
    const FaultCounters& out = from.faults(i, Direction::Out).counters();
    add(i, "rx_packets", c.rx_packets);
    add(i, "rx_bytes", c.rx_bytes);
    add(i, "pfc_received", c.pfc_received);
    add(i, "pfc_sent", from.traffic().counters(i).pfc_frames_sent);
    add(i, "flooded", c.flooded);
    add(i, "filtered", c.filtered);
    add(i, "malformed", c.malformed);
    add(i, "cut_short", c.cut_short);
    add(i, "no_frame", c.no_frame);
    add(i, "no_buffer", c.no_buffer);
    const OffloadCounters offload = loop_.ports()[i].offload();
    add(i, "rx_undeliverable", offload.undeliverable - offload_before_[i].undeliverable);
    add(i, "rx_no_buffer", offload.no_buffer - offload_before_[i].no_buffer);
    add(i, "too_long", c.too_long);
    add(i, "refused", c.refused);
    add(i, "foreign", c.foreign);
    for (const auto& [name, value] : kernel_pause_counters(loop_.ports()[i].id()))
      add(i, ("kernel." + name).c_str(), value);
    add(i, "fault_dropped", in.dropped + out.dropped);
    add(i, "fault_corrupted", in.corrupted + out.corrupted);
    add(i, "fault_duplicated", in.duplicated + out.duplicated);
    add(i, "fault_reordered", in.reordered + out.reordered);
  }
}

void SwitchPlayer::add_frames(const EmulatedSwitch& from, control::Frames& to) const {
  for (uint32_t i = 0; i < from.port_count(); ++i) {
    const LinkCounters& c = from.counters(i);
    const EthernetPort& device = loop_.ports()[i];
    control::PortFrames& port = *to.add_ports();
    port.set_port(device.name());
    port.set_sent(c.run_sent);
    port.set_received(c.run_received);
    port.set_foreign(c.foreign);
    port.set_pauses_sent(c.pauses_sent);
    describe(c.pause_sources, port);
    if (i < losses_before_.size()) describe(device_losses(device.id()) - losses_before_[i], port);
  }
  const auto add = [](auto& rows, const char* name, uint64_t frames) {
    if (frames == 0) return;
    control::FrameCount& count = *rows.Add();
    count.set_name(name);
    count.set_frames(frames);
  };
  const RunLedger ledger = from.ledger();
  for (size_t i = 0; i < kDropReasons; ++i) add(*to.mutable_dropped(), kDropReasonNames[i], ledger.drops[i]);
  for (size_t i = 0; i < kLosses; ++i)
    add(is_asked_for(static_cast<Loss>(i)) ? *to.mutable_dropped() : *to.mutable_given_up(), kLossNames[i],
        ledger.losses[i]);
  to.set_copied(ledger.copied);
  to.set_held(ledger.held);
}

void SwitchPlayer::write_capture() {
  if (capture_.empty()) return;
  const Capture capture = loop_.take_capture();
  const auto written =
      capture_[0].finish([&](std::ostream& out) { capture.frames->write(out, capture.epoch); });
  events_.push_back(written ? "captured " + capture_[0].path() : written.error());
  capture_.clear();
}

void SwitchPlayer::release() {
  capture_.clear();
  FabricRoutes tree;  // of several switches that learn, some may stand in a ring
  tree.on_tree = tree_;
  loop_.call([&](EmulatedSwitch& on, SimTime now) {
    if (started_ && on_run_over_)
      on_run_over_(fmt::format("{}, {}, seed {}", scenario_, setting_, seed_), on, start_,
                   std::min(now, end_));
    started_ = false;
    on.configure(own_settings_);
    on.set_faults(own_faults_);
    on.set_routes(tree);
    on.set_run({});
  });
}

}  // namespace railyard::lab
