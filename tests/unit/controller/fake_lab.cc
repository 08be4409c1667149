// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/controller/fake_lab.h"
#include "dpdk-app/device/raw_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "dpdk-app/measurement/histogram.h"
#include "dpdk-app/session/probe_limits.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

using control::Message;

constexpr int64_t kPostedPs = 1'000'000, kTakesPs = 1'000'000'000;

std::string bytes_of(const record::Record& record) {
  const std::string path = fmt::format("{}fake-{}.ryrecord", testing::TempDir(), fmt::ptr(&record));
  EXPECT_TRUE(record::write_record(path, record));
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  std::filesystem::remove(path);
  return bytes.str();
}

// The halves that the ranks on this player's hosts know of one iteration's sends.
void add_halves(const control::Plan& plan, const std::string& player, control::Measurements& measurements,
                record::Record& record) {
  const auto plays = [&](const control::Location& at) {
    return plan.endpoints(static_cast<int>(at.host() * plan.nics_per_host())).player() == player;
  };
  for (int j = 0; j < plan.jobs_size(); ++j) {
    const control::Job& job = plan.jobs(j);
    const auto schedule = schedule::compile(trace::decode_trace(job.trace(), job.name()).value()).value();
    record.jobs.push_back({job.name(), job.background(), schedule.rank_count(), 0});
    for (uint32_t i = 0; i < schedule.operation_count(); ++i) {
      const schedule::Operation& o = schedule.operation(i);
      record.operations.push_back({static_cast<uint32_t>(j), o.name, o.kind, o.bytes, o.group_size});
    }
    for (uint32_t rank = 0; rank < schedule.rank_count(); ++rank)
      if (plays(job.placement(static_cast<int>(rank))))
        record.iterations.push_back({static_cast<uint32_t>(j), 0, rank, SimTime{0}, SimTime{kTakesPs}});
    for (uint32_t c = 0; c < schedule.channel_count(); ++c) {
      const schedule::Channel channel = schedule.channel(c);
      const uint32_t messages =
          channel.operations == schedule::kNone ? 0 : schedule.ranges[channel.operations].count;
      for (uint32_t n = 0; n < messages; ++n) {
        control::MessageHalf half;
        half.set_job(static_cast<uint32_t>(j));
        half.set_channel(c);
        half.set_ordinal(n);
        const bool sends = plays(job.placement(static_cast<int>(channel.src_rank)));
        const bool receives = plays(job.placement(static_cast<int>(channel.dst_rank)));
        if (sends) {
          half.set_sent(true);
          half.set_bytes(65536);
          half.set_posted_ps(kPostedPs);
          half.set_acked_ps(kPostedPs + kTakesPs + 1'000'000);
        }
        if (receives) half.set_received_ps(kPostedPs + kTakesPs);
        if (sends || receives) *measurements.add_messages() = half;
      }
    }
  }
}

}  // namespace

FakePlayer::FakePlayer(control::PlayerKind kind, std::string name, std::vector<std::string> ports,
                       FakeBehaviour how)
    : behaviour(std::move(how)), kind_(kind), name_(std::move(name)), ports_(std::move(ports)) {
  listen();
}

void FakePlayer::listen() {
  SessionOptions options;
  options.address = address();
  server_ = PlayerServer::listen(options, *this).value();
  port_ = server_->port();
}

FakePlayer::~FakePlayer() {
  server_.reset();
  for (std::thread& thread : threads_) thread.join();
}

control::Identity FakePlayer::identity() {
  control::Identity identity;
  identity.set_kind(kind_);
  identity.set_name(name_);
  identity.set_machine("a thread of the test");
  for (size_t i = 0; i < ports_.size(); ++i) {
    control::PortStatus& port = *identity.add_ports();
    port.set_name(ports_[i]);
    port.set_driver("net_fake");
    port.set_mac(behaviour.first_mac + static_cast<char>(ports_[i].back()));
    port.set_link_up(behaviour.link_up);
    port.set_link_bps(10'000'000);
    port.set_max_frame_bytes(behaviour.max_frame_bytes);
    port.set_is_virtual(behaviour.is_virtual);
  }
  return identity;
}

void FakePlayer::on_message(const Message& message, const MessageSink& reply) {
  Message answer;
  if (message.has_prepare()) {
    {
      std::lock_guard lock(mutex_);
      plan_ = message.prepare().plan();
      started_at_ = 0;
      finished_ = false;
    }
    if (behaviour.refuses_plan.empty())
      answer.mutable_prepared()->add_warnings("of " + name_);
    else
      answer.mutable_failure()->set_what(behaviour.refuses_plan);
    reply(answer);
  } else if (message.has_probe()) {
    *answer.mutable_probe_result() = probe(message.probe());
    reply(answer);
  } else if (message.has_start()) {
    threads_.emplace_back([this, at = message.start().at_ns(), reply] { start(at, reply); });
  } else if (message.has_stop()) {
    {
      std::lock_guard lock(mutex_);
      stopped_because_.push_back(message.stop().reason());
    }
    finish(false, message.stop().reason(), reply);
  } else if (message.has_drain()) {
    answer.mutable_drained();
    reply(answer);
  } else if (message.has_collect()) {
    {
      std::lock_guard lock(mutex_);
      asked_to_tell_ = true;
    }
    if (behaviour.never_tells) return;
    *answer.mutable_measurements() = measure();
    reply(answer);
  }
}

void FakePlayer::on_controller_lost(const std::string& /*why*/) {}

void FakePlayer::start(int64_t at_ns, const MessageSink& reply) {
  while (raw_clock_ns() < at_ns) std::this_thread::sleep_for(std::chrono::microseconds(100));
  bool endless = behaviour.never_finishes;
  {
    std::lock_guard lock(mutex_);
    endless = endless || (behaviour.endless_seed != 0 && plan_.seed() == behaviour.endless_seed);
    started_at_ = at_ns;
    changed_.notify_all();
  }
  Message progress;
  progress.mutable_progress()->set_fraction(0.5);
  progress.mutable_progress()->set_tx_bps(90'000'000);
  progress.mutable_progress()->set_cnps(12);
  reply(progress);
  if (!behaviour.fails.empty()) {
    Message failure;
    failure.mutable_failure()->set_what(behaviour.fails);
    failure.mutable_failure()->set_fatal(true);
    reply(failure);
  } else if (!endless && kind_ == control::AGENT) {
    finish(true, "", reply);
  }
}

void FakePlayer::finish(bool complete, const std::string& stopped_by, const MessageSink& reply) {
  std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = true;
  Message message;
  message.mutable_finished()->set_complete(complete);
  message.mutable_finished()->set_stopped_by(stopped_by);
  reply(message);
}

control::Measurements FakePlayer::measure() {
  std::lock_guard lock(mutex_);
  control::Measurements measurements;
  measurements.set_valid(behaviour.invalid_because.empty());
  measurements.set_invalid_because(behaviour.invalid_because);
  record::Record record;
  record.duration = SimTime{2 * kTakesPs};
  if (kind_ == control::AGENT) {
    add_halves(plan_, name_, measurements, record);
    for (const control::Endpoint& endpoint : plan_.endpoints())
      if (endpoint.player() == name_) {
        record::Port port;
        port.node = fmt::format("host{}", endpoint.host());
        port.name = fmt::format("host{}:nic{}", endpoint.host(), endpoint.nic());
        port.rate = BitRate{endpoint.rate_bps()};
        port.tx_packets = 10;
        record.ports.push_back(port);
      }
    record.totals.cnps = 3;
  } else {
    record::Port port;
    port.node = plan_.switch_name();
    port.name = plan_.switch_name() + ":2";
    port.is_switch = true;
    port.ecn_marked = 7;
    record.ports.push_back(port);
  }
  measurements.set_record(bytes_of(record));
  Histogram lateness;
  lateness.add(1'000'000, 50);
  control::Histogram& histogram = *measurements.add_histograms();
  histogram.set_name("lateness");
  for (const uint64_t count : lateness.counts()) histogram.add_counts(count);
  histogram.set_minimum(lateness.minimum());
  histogram.set_maximum(lateness.maximum());
  control::Value& counter = *measurements.add_counters();
  counter.set_name("naks");
  counter.set_text("4");
  return measurements;
}

// Everything gets through at once. A stream of a lossless class (kinds below the last) stops while its sender
// or the port to its receiver is paused, and a receiver's pause reaches the sender.
control::ProbeResult FakePlayer::probe(const control::Probe& probe) {
  std::lock_guard lock(mutex_);
  control::ProbeResult result;
  const auto plays = [&](uint32_t e) { return plan_.endpoints(static_cast<int>(e)).player() == name_; };
  for (const control::ProbeStream& stream : probe.streams()) {
    std::vector<uint32_t> bins(probe.bin_ps() == 0 ? 0 : probe.duration_ps() / probe.bin_ps());
    for (uint32_t i = 0; i < stream.frames() && !bins.empty(); ++i) {
      const int64_t at = stream.start_ps() + i * stream.interval_ps();
      const bool paused =
          stream.kind() + 1 < kProbeKinds && !behaviour.ignores_pauses &&
          std::any_of(probe.pauses().begin(), probe.pauses().end(), [&](const auto& pause) {
            const uint32_t stopped = pause.switch_name().empty() ? stream.to() : stream.from();
            return pause.endpoint() == stopped && at >= pause.from_ps() && at < pause.until_ps();
          });
      if (!paused && at < probe.duration_ps()) ++bins[static_cast<size_t>(at / probe.bin_ps())];
    }
    if (plays(stream.from())) {
      control::ProbeSent& sent = *result.add_sent();
      sent.set_from(stream.from()), sent.set_to(stream.to()), sent.set_kind(stream.kind());
      sent.set_frames(stream.frames());
      sent.mutable_bins()->Assign(bins.begin(), bins.end());
      control::ProbePort& port = *result.add_ports();
      port.set_endpoint(stream.from());
      port.mutable_pauses()->Resize(8, probe.pauses().empty() ? 0 : 3);
    }
    if (!plays(stream.to())) continue;
    control::ProbeArrived& arrived = *result.add_arrived();
    arrived.set_from(stream.from()), arrived.set_to(stream.to()), arrived.set_kind(stream.kind());
    arrived.set_frames(stream.frames());
    arrived.add_tos(stream.dscp() << 2 | (stream.cnp() ? 0 : 2));
    arrived.mutable_bins()->Assign(bins.begin(), bins.end());
  }
  return result;
}

control::Plan FakePlayer::plan() {
  std::lock_guard lock(mutex_);
  return plan_;
}

int64_t FakePlayer::started_at() {
  std::lock_guard lock(mutex_);
  return started_at_;
}

bool FakePlayer::was_asked_to_tell() {
  std::lock_guard lock(mutex_);
  return asked_to_tell_;
}

bool FakePlayer::wait_for_start() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return started_at_ != 0; });
}

std::vector<std::string> FakePlayer::stopped_because() {
  std::lock_guard lock(mutex_);
  return stopped_because_;
}

FakeLab::FakeLab(const FakeBehaviour& l, const FakeBehaviour& r, const FakeBehaviour& s)
    : left(control::AGENT, "left", {"ring:0", "ring:1"}, l),
      right(control::AGENT, "right", {"ring:2"}, r),
      leaf(control::SOFTSWITCH, "leaf0", {"ring:7", "ring:8", "ring:9"}, s),
      folder_(std::filesystem::path(testing::TempDir()) /
              fmt::format("railyard-lab-{}-{}", getpid(), left.address().substr(10))) {
  std::filesystem::create_directories(folder_);
}

FakeLab::~FakeLab() {
  std::filesystem::remove_all(folder_);
}

std::filesystem::path FakeLab::scenario(const std::string& extra) const {
  auto path = folder_ / "lab.yaml";
  std::ofstream(path) << fmt::format(R"(
description: three hosts on one switch
fabric: {{kind: single-switch, hosts_per_leaf: 3, link_rate: 100Gbps}}
nic: {{mtu: 1024}}
settings: {{a: {{}}, b: {{nic: {{mtu: 2048}}}}}}
jobs:
  - {{name: incast, incast: {{senders: 2, bytes: 64KiB}}}}
lab:
  time_scale: 1000
  agents:
    - name: left
      address: {}
      ports:
        - {{nic: host0, port: "ring:0", ip: 10.0.0.1/24}}
        - {{nic: host1, port: "ring:1", ip: 10.0.0.2/24}}
    - name: right
      address: {}
      ports: [{{nic: host2, port: "ring:2", ip: 10.0.0.3/24, vlan: 5}}]
  switches:
    - {{name: leaf0, kind: softswitch, address: "{}", ports: ["ring:7", "ring:8", "ring:9"],
       faults: {{2.in.delay: 5us, drop: 0.5%}}}}
{})",
                                     left.address(), right.address(), leaf.address(), extra);
  return path;
}

}  // namespace railyard::lab
