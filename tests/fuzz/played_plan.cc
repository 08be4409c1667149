// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/played_plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace railyard::fuzz {
namespace {

using namespace railyard::lab;

constexpr uint32_t kSteps = 2'000;
constexpr uint32_t kBudget = 32;
constexpr SimTime kOrigin = SimTime::milliseconds(1);  // of the run, on the agent's clock
constexpr size_t kLargestFrame = 16'384;

class Port final : public PortPlayer {
 public:
  Port(const LabPlan& plan, uint32_t endpoint, uint32_t flows, Cables& cables)
      : plan_(plan),
        endpoint_(endpoint),
        config_(nic_config_of(plan, endpoint, flows, {})),
        cables_(cables) {}

  bool poll() override {
    auto& here = cables_.frames[endpoint_];
    for (; !here.empty(); here.pop_front())
      nic_->on_frame(here.front().data(), here.front().size(), cables_.now);
    return nic_->poll(cables_.now, kBudget,
                      [this](const Packet& p, const FlowAddress& to, const FrameBody& body) {
                        std::vector<uint8_t> bytes(kLargestFrame);
                        bytes.resize(encode(p, to, body, bytes.data(), bytes.size()));
                        for (uint32_t e = 0; e < plan_.endpoints.size(); ++e)
                          if (std::equal(plan_.endpoints[e].mac.begin(), plan_.endpoints[e].mac.end(),
                                         bytes.begin()))
                            cables_.frames[e].push_back(bytes);
                      }) != 0;
  }
  SimTime next_due() const override {
    return cables_.frames[endpoint_].empty() ? nic_->next_due() : cables_.now;
  }
  void add_flows(const LabPlan& plan, const FlowTable& flows, MessageEvents& events) override {
    nic_.emplace(config_, events);
    for (const uint32_t flow : flows.sent_by(endpoint_))
      nic_->add_sender(flow, flows.address_of(flow, plan.endpoints[flows[flow].destination].mac),
                       config_.class_of_job[flows[flow].job]);
    for (const uint32_t flow : flows.received_by(endpoint_))
      nic_->add_receiver(flow, flows.reply_address_of(flow, plan.endpoints[flows[flow].source].mac),
                         config_.class_of_job[flows[flow].job]);
  }
  void post(uint32_t flow, uint64_t bytes, SimTime now) override { nic_->post(flow, bytes, now); }
  void start(SimTime at) override { nic_->start_sampling(at); }
  void stop() override { nic_->stop(); }
  void fall_silent() override {}
  void begin_probe(const LabPlan&, const control::Probe&, SimTime) override {}
  void end_probe(control::ProbeResult&) override {}
  AddressResolution& addresses() override { return addresses_; }
  const NicCounters& counters() const override { return nic_->counters(); }
  uint64_t retransmitted() const override { return nic_->retransmitted(); }
  SimTime lateness_p99() const override { return {}; }
  NicReport report() const override {
    NicReport r;
    r.endpoint = endpoint_;
    r.counters = nic_->counters();
    r.measured = nic_->measurements();
    r.retransmitted = nic_->retransmitted();
    r.rates = nic_->rates();
    return r;
  }
  std::vector<const PcapRing*> captures() const override { return {}; }

 private:
  const LabPlan& plan_;
  const uint32_t endpoint_;
  const NicConfig config_;
  Cables& cables_;
  AddressResolution addresses_{{}, 0, 0};
  std::optional<NicPort> nic_;
};

}  // namespace

tl::expected<PreparedRun, std::string> PlayedPlan::prepare(const control::Plan& plan,
                                                           const std::atomic<bool>& cancelled) {
  auto compiled = compile_plan(plan, &cancelled);
  if (!compiled) return tl::unexpected(compiled.error());
  run_ = std::make_unique<Run>();
  Run& run = *run_;
  run.plan = std::move(*compiled);
  auto flows = FlowTable::of(run.plan);
  if (!flows) return tl::unexpected(flows.error());
  run.flows = std::move(*flows);
  run.logs = schedule::empty_logs(run.plan.played);
  run.cables.frames.resize(run.plan.endpoints.size());
  const uint32_t nics = run.plan.played.hosts.nics_per_host;
  for (uint32_t first = 0; first < run.plan.endpoints.size(); first += nics) {
    auto& host = *run.hosts.emplace_back(
        std::make_unique<HostLane>(run.plan, run.flows, run.plan.endpoints[first].host, run.logs));
    for (uint32_t e = first; e < first + nics; ++e)
      host.add_nic(std::make_unique<Port>(run.plan, e, run.flows.size(), run.cables));
    host.connect();
  }
  std::vector<std::string> sources;
  for (const LabEndpoint& e : run.plan.endpoints)
    sources.push_back(fmt::format("host{}-nic{}", e.host, e.nic));
  auto files = begin_captures(plan, captures_, sources, Bytes{1});
  if (!files) return tl::unexpected(files.error());
  run.captures = std::move(*files);
  PreparedRun prepared;
  prepared.maximum_duration = run.plan.maximum_duration;
  return prepared;
}

tl::expected<void, std::string> PlayedPlan::start(int64_t) {
  Run& run = *run_;
  for (const auto& host : run.hosts) host->start(kOrigin);
  for (uint32_t i = 0; i < kSteps; ++i) {
    SimTime next = SimTime::never();
    for (const auto& host : run.hosts) next = std::min(next, host->next_due());
    // A clock that ends after 106 days is not what is tested.
    if (next > SimTime::seconds(1'000'000)) break;
    run.cables.now = std::max(run.cables.now, next);
    for (const auto& host : run.hosts) host->poll(run.cables.now);
  }
  return {};
}

RunStatus PlayedPlan::status() {
  RunStatus status;
  status.started = true;
  if (!run_) return status;
  uint32_t done = 0, expected = 0;
  for (const auto& host : run_->hosts)
    done += host->ranks().ranks_ended(), expected += host->ranks().ranks_expected();
  status.complete = done == expected;
  return status;
}

void PlayedPlan::stop(const std::string&) {
  if (!run_) return;
  for (const auto& host : run_->hosts) host->stop();
}

tl::expected<control::Measurements, std::string> PlayedPlan::collect() {
  Run& run = *run_;
  for (CaptureFile& file : run.captures) (void)file.finish([](std::ostream& out) { out << "frames"; });
  run.captures.clear();
  RunReport report{run.plan, run.logs, {}, kOrigin, {}, {}, ""};
  report.duration = std::max(run.cables.now - kOrigin, SimTime{});
  for (const auto& host : run.hosts)
    for (const auto& nic : host->nics()) report.nics.push_back(nic->report());
  return measurements_of(report);
}

}  // namespace railyard::fuzz
