// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/lab_agent.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "dpdk-app/agent/identity.h"
#include "dpdk-app/agent/spread_nic.h"
#include "dpdk-app/measurement/pcap_ring.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {
namespace {

std::string text_of_ip(uint32_t ip) {
  return fmt::format("{}.{}.{}.{}", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

}  // namespace

struct LabAgent::Run {
  LabPlan plan;
  FlowTable flows;
  std::vector<schedule::JobLog> logs;
  std::vector<const EthernetPort*> ports;         // that it plays
  std::vector<std::unique_ptr<LcoreWork>> works;  // by lcore
  std::vector<CaptureFile> captures;              // in the order of for_each_host
  std::vector<std::string> warnings, events;
  uint64_t messages_expected = 0;
  uint32_t ranks_expected = 0;
  SimTime start = SimTime::never();
  SimTime stopped = SimTime::never();
  bool failed = false;
  std::string failure;
  SimTime progress_at;
  uint64_t tx_bytes = 0, rx_bytes = 0;  // as of the last progress
  uint64_t heard = 0;                   // bytes received as of `heard_at`, while it is drained
  SimTime heard_at;
  uint32_t looks = 0;

  template <class Visit>
  void for_each_host(Visit visit) const {
    for (const auto& work : works)
      for (const auto& host : work->hosts()) visit(*host);
  }
};

LabAgent::LabAgent(AgentResources resources, const TscClock& clock)
    : resources_(std::move(resources)), clock_(clock) {}

LabAgent::~LabAgent() {
  release();
}

control::Identity LabAgent::identity() {
  return identity_of(resources_, clock_);
}

tl::expected<PreparedRun, std::string> LabAgent::prepare(const control::Plan& plan,
                                                         const std::atomic<bool>& cancelled) {
  auto compiled = compile_plan(plan, &cancelled);
  if (!compiled) return tl::unexpected(compiled.error());
  run_ = std::make_unique<Run>();
  run_->plan = std::move(*compiled);
  auto flows = FlowTable::of(run_->plan);
  if (!flows) return tl::unexpected(flows.error());
  run_->flows = std::move(*flows);
  run_->logs = schedule::empty_logs(run_->plan.played);
  if (auto laid_out = lay_out(); !laid_out) return tl::unexpected(laid_out.error());
  if (auto begun = begin_captures(plan); !begun) return tl::unexpected(begun.error());
  hold_all(true);
  if (auto resolved = resolve_addresses(cancelled); !resolved) return tl::unexpected(resolved.error());
  hold_all(false);
  PreparedRun prepared;
  run_->for_each_host([&](HostLane& host) { host.connect(); });
  for (uint32_t e = 0; e < run_->plan.endpoints.size(); ++e)
    if (run_->plan.endpoints[e].player == resources_.name)
      prepared.queue_pairs +=
          static_cast<uint32_t>(run_->flows.sent_by(e).size() + run_->flows.received_by(e).size());
  hold_all(true);
  prepared.maximum_duration = run_->plan.maximum_duration;
  prepared.warnings = run_->warnings;
  return prepared;
}

tl::expected<EthernetPort*, std::string> LabAgent::port_of(const LabEndpoint& e, const LabPlan& plan) {
  const auto port = std::find_if(resources_.ports.begin(), resources_.ports.end(),
                                 [&](const EthernetPort& p) { return p.name() == e.port; });
  if (port == resources_.ports.end())
    return tl::unexpected(
        fmt::format("{} is to be played by port {} of agent '{}', which was started without "
                    "--port {}",
                    e.name(), e.port, resources_.name, e.port));
  const uint32_t largest = longest_frame_bytes(plan.nic.mtu, e.vlan != 0);
  if (port->capabilities().max_frame_bytes < largest)
    return tl::unexpected(
        fmt::format("{}: port {} carries frames of at most {} bytes, and nic.mtu = {} needs "
                    "{}; lower nic.mtu",
                    e.name(), e.port, port->capabilities().max_frame_bytes, plan.nic.mtu, largest));
  if (!port->link().up)
    return tl::unexpected(
        fmt::format("{}: port {} has no link; connect it, or bring its other end up", e.name(), e.port));
  if (port->capabilities().hardware_pfc)
    if (auto pfc = port->set_hardware_pfc(plan.switches.pfc_enable); !pfc)
      return tl::unexpected(fmt::format("{}: {}", e.name(), pfc.error()));
  return &*port;
}

// Played by `lcore`, and its other queues by those that follow.
std::unique_ptr<PortPlayer> LabAgent::make_nic(uint32_t endpoint, EthernetPort& port, size_t lcore) {
  const PortContext context{
      port, 0, resources_.pool, clock_, resources_.icrc, nullptr, resources_.ignore_pauses};
  if (resources_.queues == 1) return make_port_player(run_->plan, endpoint, run_->flows.size(), context);
  auto nic = std::make_unique<SpreadNic>(run_->plan, run_->flows, endpoint, context, resources_.queues);
  for (const auto& queue : nic->lanes()) run_->works[++lcore % run_->works.size()]->add(*queue);
  return nic;
}

tl::expected<void, std::string> LabAgent::lay_out() {
  Run& run = *run_;
  const LabPlan& plan = run.plan;
  for (size_t i = 0; i < resources_.lcores.size(); ++i) run.works.push_back(std::make_unique<LcoreWork>());
  const uint32_t nics = plan.played.hosts.nics_per_host;
  uint32_t hosts = 0;
  for (uint32_t first = 0; first < plan.endpoints.size(); first += nics) {
    if (plan.endpoints[first].player != resources_.name) continue;
    const size_t lcore = hosts++ % run.works.size();
    auto host = std::make_unique<HostLane>(plan, run.flows, plan.endpoints[first].host, run.logs);
    for (uint32_t e = first; e < first + nics; ++e) {
      auto port = port_of(plan.endpoints[e], plan);
      if (!port) return tl::unexpected(port.error());
      if (std::count(run.ports.begin(), run.ports.end(), *port) != 0)
        return tl::unexpected(fmt::format("port {} plays {} and another NIC; give each NIC a port of its own",
                                          (*port)->name(), plan.endpoints[e].name()));
      run.ports.push_back(*port);
      auto nic = make_nic(e, **port, lcore);
      for (const uint32_t peer : run.flows.peers_of(e))
        nic->addresses().resolve(next_hop_of(plan.endpoints[e], plan.endpoints[peer]), clock_.now());
      host->add_nic(std::move(nic));
    }
    run.works[lcore]->add(std::move(host));
  }
  for (const auto& work : run.works) {
    run.messages_expected += work->messages_expected();
    run.ranks_expected += work->ranks_expected();
  }
  if (resources_.icrc.any())
    run.events.push_back(fmt::format("ICRC: of full packets sent {}; of those received 1 in {} was verified",
                                     resources_.icrc.derive ? "derived from a payload of zeros" : "computed",
                                     resources_.icrc.sample));
  return {};
}

tl::expected<void, std::string> LabAgent::resolve_addresses(const std::atomic<bool>& cancelled) {
  constexpr auto kLook = std::chrono::milliseconds(5);
  const SimTime deadline = clock_.now() + resources_.arp_patience;
  const auto unresolved = [&] {
    uint64_t sum = 0;
    for (const auto& work : run_->works)
      if (!work->hosts().empty()) sum += work->live().unresolved;
    return sum;
  };
  while (unresolved() > 0 && clock_.now() < deadline && !cancelled) std::this_thread::sleep_for(kLook);
  hold_all(false);
  if (cancelled) return tl::unexpected<std::string>("it was cancelled while addresses were resolved");
  std::string error;
  run_->for_each_host([&](const HostLane& host) {
    for (uint32_t i = 0; i < host.nics().size(); ++i) {
      const LabEndpoint& e = run_->plan.endpoints[host.host() * run_->plan.played.hosts.nics_per_host + i];
      const AddressResolution& addresses = host.nics()[i]->addresses();
      if (const auto missing = addresses.unresolved_addresses(); !missing.empty() && error.empty())
        error = fmt::format(
            "{} ({} on {}): nobody answers ARP for {}{}; look at cables, VLAN {} and the "
            "switch, or at the agent that has it",
            e.name(), text_of_ip(e.ip), e.port, text_of_ip(missing[0]),
            missing.size() > 1 ? fmt::format(" and {} more", missing.size() - 1) : "", e.vlan);
      if (addresses.conflict())
        run_->warnings.push_back(fmt::format("{}: somebody else has {}, too", e.name(), text_of_ip(e.ip)));
    }
  });
  if (!error.empty()) return tl::unexpected(error);
  return {};
}

void LabAgent::hold_all(bool give) {
  for (size_t i = 0; i < resources_.lcores.size(); ++i)
    resources_.lcores[i]->hold(give ? run_->works[i].get() : nullptr);
}

tl::expected<control::ProbeResult, std::string> LabAgent::probe(const control::Probe& probe) {
  const SimTime start = clock_.from_raw_ns(probe.at_ns());
  const SimTime end = start + SimTime{probe.duration_ps()};
  hold_all(false);
  run_->for_each_host([&](HostLane& host) {
    for (const auto& nic : host.nics()) nic->begin_probe(run_->plan, probe, start);
  });
  hold_all(true);
  for (SimTime left = end - clock_.now(); left > SimTime{}; left = end - clock_.now())
    std::this_thread::sleep_for(std::chrono::nanoseconds(left / SimTime::nanoseconds(1)));
  hold_all(false);
  control::ProbeResult result;
  run_->for_each_host([&](HostLane& host) {
    for (const auto& nic : host.nics()) nic->end_probe(result);
  });
  hold_all(true);
  return result;
}

tl::expected<void, std::string> LabAgent::start(int64_t at_ns) {
  run_->start = clock_.from_raw_ns(at_ns);
  const SimTime now = clock_.now();
  if (run_->start < now)
    run_->events.push_back(fmt::format("started {} late", format_rounded(now - run_->start)));
  for (const auto& work : run_->works) work->start_at(run_->start);
  return {};
}

RunStatus LabAgent::status() {
  RunStatus status;
  if (!run_) return status;
  status.started = clock_.now() >= run_->start;
  uint32_t done = 0;
  for (const auto& work : run_->works) {
    const LiveStatus& live = work->live();
    done += live.ranks_done;
    if (const uint32_t flow = live.failed_flow; flow != kNoFlow && status.failure.empty())
      status.failure = describe_failure(*run_, flow);
  }
  status.complete = status.started && done == run_->ranks_expected;
  status.progress = progress_of(*run_);
  export_metrics(status.progress);
  for (const EthernetPort* port : run_->ports)
    if (status.failure.empty() && !status.complete && !port->link().up)
      status.failure = fmt::format("port {} of agent '{}' has lost its link", port->name(), resources_.name);
  if (!status.failure.empty() && !run_->failed) {
    run_->failed = true;
    run_->failure = status.failure;
    run_->events.push_back(status.failure);
  }
  return status;
}

std::string LabAgent::describe_failure(const Run& run, uint32_t flow) const {
  const Flow& f = run.flows[flow];
  const schedule::PlayedJob& job = run.plan.played.jobs[f.job];
  const schedule::Channel channel = job.schedule->channel(f.channel);
  return fmt::format(
      "job '{}': the queue pair from rank {} to rank {} failed: no progress after retry_cnt = {} "
      "retries; see the drops, or raise retry_cnt or ack_timeout",
      job.name, channel.src_rank, channel.dst_rank, run.plan.nic.retry_cnt);
}

control::Progress LabAgent::progress_of(const Run& run) {
  control::Progress p;
  uint64_t messages = 0, tx = 0, rx = 0, cnps = 0, ce = 0, pauses = 0, retransmitted = 0, lost = 0;
  SimTime lateness;
  for (const auto& work : run.works) {
    const LiveStatus& live = work->live();
    messages += live.messages_received, tx += live.tx_bytes, rx += live.rx_bytes, cnps += live.cnps;
    ce += live.ce_seen, pauses += live.pauses, retransmitted += live.retransmitted, lost += live.lost;
    lateness = std::max(lateness, live.lateness_p99.load());
  }
  const SimTime now = clock_.now();
  const double seconds = (now - run_->progress_at).to_seconds();
  constexpr double kByteBits = 8;
  p.set_fraction(run.messages_expected == 0
                     ? 1
                     : static_cast<double>(messages) / static_cast<double>(run.messages_expected));
  p.set_tx_bps(static_cast<uint64_t>(kByteBits * static_cast<double>(tx - run_->tx_bytes) / seconds));
  p.set_rx_bps(static_cast<uint64_t>(kByteBits * static_cast<double>(rx - run_->rx_bytes) / seconds));
  p.set_cnps(cnps);
  p.set_ecn_marked(ce);
  p.set_pauses(pauses);
  p.set_retransmitted(retransmitted);
  p.set_drops(lost);
  p.set_lateness_p99_ps(lateness.ps);
  run_->progress_at = now;
  run_->tx_bytes = tx;
  run_->rx_bytes = rx;
  return p;
}

void LabAgent::export_metrics(const control::Progress& p) {
  if (resources_.prometheus == nullptr) return;
  PrometheusEndpoint& out = *resources_.prometheus;
  out.set_gauge("progress_ratio", p.fraction());
  out.set_gauge("tx_bits_per_second", static_cast<double>(p.tx_bps()));
  out.set_gauge("rx_bits_per_second", static_cast<double>(p.rx_bps()));
  out.set_gauge("lateness_p99_seconds", SimTime{p.lateness_p99_ps()}.to_seconds());
  // Of the current run: gauges, since a new run begins at 0.
  out.set_gauge("run_cnps_received", static_cast<double>(p.cnps()));
  out.set_gauge("run_ecn_marked", static_cast<double>(p.ecn_marked()));
  out.set_gauge("run_pauses_received", static_cast<double>(p.pauses()));
  out.set_gauge("run_retransmitted", static_cast<double>(p.retransmitted()));
  out.set_gauge("run_lost", static_cast<double>(p.drops()));
}

void LabAgent::stop(const std::string& why) {
  if (!run_ || run_->stopped != SimTime::never()) return;
  run_->stopped = clock_.now();
  if (!why.empty()) run_->events.push_back("stopped: " + why);
  for (const auto& work : run_->works) work->stop();
}

void LabAgent::drain() {
  if (!run_) return;
  for (const auto& work : run_->works) work->fall_silent();
  run_->heard_at = clock_.now();
}

// What was sent before others fell silent arrives within this, from a switch that holds nothing any more.
// Lcores that were off their processors meanwhile have not looked.
bool LabAgent::drained() {
  constexpr SimTime kQuiet = SimTime::milliseconds(150);
  constexpr uint32_t kLooks = 10;
  if (!run_) return true;
  uint64_t heard = 0;
  uint32_t looks = ~uint32_t{0};  // of the one that looked least
  for (const auto& work : run_->works) {
    looks = std::min(looks, work->live().looks.load(std::memory_order_acquire));
    heard += work->live().rx_bytes;
  }
  const SimTime now = clock_.now();
  if (std::exchange(run_->heard, heard) != heard || run_->looks == 0)
    run_->heard_at = now, run_->looks = looks;
  return now - run_->heard_at >= kQuiet && looks - run_->looks >= kLooks;
}

tl::expected<control::Measurements, std::string> LabAgent::collect() {
  if (!run_) return tl::unexpected<std::string>("there is nothing to collect: no run was prepared");
  hold_all(false);
  Run& run = *run_;
  write_captures();
  RunReport report{run.plan, run.logs, {}, run.start, {}, run.events, run.failure};
  const SimTime end = std::min(clock_.now(), run.stopped);
  uint32_t done = 0;
  SimTime finished;
  run.for_each_host([&](const HostLane& host) {
    done += host.ranks().ranks_ended();
    finished = std::max(finished, host.finished_at());
    for (const auto& nic : host.nics()) report.nics.push_back(nic->report());
  });
  const bool complete = run.ranks_expected > 0 && done == run.ranks_expected;
  report.duration = complete ? finished : std::max(end - run.start, SimTime{});
  return measurements_of(report);
}

tl::expected<void, std::string> LabAgent::begin_captures(const control::Plan& plan) {
  std::vector<std::string> sources;
  run_->for_each_host([&](const HostLane& host) {
    for (size_t i = 0; i < host.nics().size(); ++i)
      for (size_t queue = 0; queue < host.nics()[i]->captures().size(); ++queue)
        sources.push_back(fmt::format("host{}-nic{}", host.host(), i) +
                          (queue == 0 ? "" : fmt::format("-queue{}", queue)));
  });
  auto files = lab::begin_captures(plan, resources_.captures ? &*resources_.captures : nullptr, sources,
                                   PcapRing::largest_file(kCaptureBytes));
  if (!files) return tl::unexpected(files.error());
  run_->captures = std::move(*files);
  return {};
}

void LabAgent::write_captures() {
  if (run_->captures.empty()) return;  // none, or collected before
  auto file = run_->captures.begin();
  run_->for_each_host([&](const HostLane& host) {
    for (const auto& nic : host.nics())
      for (const PcapRing* const capture : nic->captures()) {
        const auto written = file->finish([&](std::ostream& out) { capture->write(out, {}); });
        run_->events.push_back(written ? "captured " + file->path() : written.error());
        ++file;
      }
  });
  run_->captures.clear();
}

void LabAgent::release() {
  if (!run_) return;
  hold_all(false);
  run_.reset();
}

}  // namespace railyard::lab
