// SPDX-License-Identifier: BSD-3-Clause
// Plays runs over its ports: what PlayerSession asks for, done on lcores.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dpdk-app/agent/lcore_loop.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/tsc_clock.h"
#include "dpdk-app/measurement/prometheus.h"
#include "dpdk-app/session/capture_folder.h"
#include "dpdk-app/session/player_session.h"

namespace railyard::lab {

struct AgentResources {
  std::string name;
  std::string dpdk_version;
  std::vector<EthernetPort> ports;
  rte_mempool* pool = nullptr;
  std::vector<LcoreLoop*> lcores;  // that run, and outlive the agent
  uint32_t queues = 1;             // of each port, at most as many as there are lcores
  IcrcShortcuts icrc;
  bool ignore_pauses = false;
  PrometheusEndpoint* prometheus = nullptr;  // null: nobody scrapes
  std::optional<CaptureFolder> captures;     // none: plans that ask for captures are refused
  // That other agents have to answer ARP: they prepare at the same time, and answer once they know who they
  // are.
  SimTime arp_patience = SimTime::seconds(8);
};

class LabAgent final : public RunPlayer {
 public:
  LabAgent(AgentResources resources, const TscClock& clock);
  ~LabAgent() override;

  control::Identity identity() override;
  tl::expected<PreparedRun, std::string> prepare(const control::Plan& plan,
                                                 const std::atomic<bool>& cancelled) override;
  tl::expected<control::ProbeResult, std::string> probe(const control::Probe& probe) override;
  tl::expected<void, std::string> start(int64_t at_ns) override;
  RunStatus status() override;
  void stop(const std::string& why) override;
  void drain() override;
  bool drained() override;
  tl::expected<control::Measurements, std::string> collect() override;
  void release() override;

 private:
  struct Run;

  tl::expected<EthernetPort*, std::string> port_of(const LabEndpoint& endpoint, const LabPlan& plan);
  tl::expected<void, std::string> lay_out();
  std::unique_ptr<PortPlayer> make_nic(uint32_t endpoint, EthernetPort& port, size_t lcore);
  tl::expected<void, std::string> resolve_addresses(const std::atomic<bool>& cancelled);
  void hold_all(bool give);
  control::Progress progress_of(const Run& run);
  void export_metrics(const control::Progress& progress);
  std::string describe_failure(const Run& run, uint32_t flow) const;
  tl::expected<void, std::string> begin_captures(const control::Plan& plan);
  void write_captures();

  AgentResources resources_;
  const TscClock& clock_;
  std::unique_ptr<Run> run_;
};

}  // namespace railyard::lab
