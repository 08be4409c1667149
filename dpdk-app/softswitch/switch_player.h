// SPDX-License-Identifier: BSD-3-Clause
// The soft switch as a player of runs: what a Plan makes of it (planned_switch.h) is put into a SwitchLoop,
// and what it counted comes back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dpdk-app/device/device_losses.h"
#include "dpdk-app/session/capture_folder.h"
#include "dpdk-app/session/player_session.h"
#include "dpdk-app/softswitch/switch_loop.h"

namespace railyard::lab {

// The error names a port of this player's that would cut the plan's frames short, both sizes, and the remedy.
tl::expected<void, std::string> check_frames(const control::Plan& plan, const control::Identity& self);
class SwitchPlayer final : public RunPlayer {
 public:
  // `settings` hold where a plan says nothing; without `captures`, plans that ask for captures are refused.
  // The loop must outlive the player.
  SwitchPlayer(SwitchLoop& loop, const EmulatedSwitchSettings& settings, std::vector<PortFaults> faults,
               std::string name, double clock_error_ppm, std::optional<CaptureFolder> captures);

  // Told of each run before the switch forgets it: its name, and when it began and ended. On the switch's
  // lcore.
  using RunOver =
      std::function<void(const std::string& run, const EmulatedSwitch& on, SimTime start, SimTime end)>;
  void on_run_over(RunOver told) { on_run_over_ = std::move(told); }

  control::Identity identity() override;
  tl::expected<PreparedRun, std::string> prepare(const control::Plan& plan,
                                                 const std::atomic<bool>& cancelled) override;
  tl::expected<control::ProbeResult, std::string> probe(const control::Probe& probe) override;
  tl::expected<void, std::string> start(int64_t at_ns) override;
  RunStatus status() override;
  void stop(const std::string& why) override;
  void drain() override { heard_ = {}; }
  bool drained() override;
  tl::expected<control::Measurements, std::string> collect() override;
  void release() override;

 private:
  void write_capture();
  void add_counters(const EmulatedSwitch& from, control::Measurements& to) const;
  void add_frames(const EmulatedSwitch& from, control::Frames& to) const;

  SwitchLoop& loop_;
  const EmulatedSwitchSettings own_settings_;
  const std::vector<PortFaults> own_faults_;
  const std::string own_name_;
  const double clock_error_ppm_;
  const std::optional<CaptureFolder> captures_;
  std::vector<CaptureFile> capture_;  // of the run: one, or none
  std::string name_, scenario_, setting_;
  std::vector<bool> tree_;         // FabricRoutes::on_tree of the latest plan
  std::vector<MacKey> endpoints_;  // of the plan
  uint64_t seed_ = 0;
  SimTime sample_interval_, lateness_limit_;     // 0: none
  SimTime start_, end_ = SimTime::never();       // of the run, on the switch's clock
  std::vector<OffloadCounters> offload_before_;  // by port
  bool started_ = false;
  RunOver on_run_over_;
  SimTime lost_before_;
  uint64_t last_tx_bytes_ = 0, last_rx_bytes_ = 0;
  SimTime last_status_;
  std::vector<std::string> events_;
  std::vector<DeviceLosses> losses_before_;  // by port
  struct {
    uint64_t frames = 0;
    SimTime at;
  } heard_;  // of the run, while it is drained
};

}  // namespace railyard::lab
