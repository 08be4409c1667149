// SPDX-License-Identifier: GPL-2.0-only
// One simulation of a RoCE fabric with flows that post their messages at its start.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ns3-modules/roce/model/roce-fabric.h"
#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct FlowResult {
  uint32_t source = 0;
  uint32_t received = 0;  // messages
  SimTime last_received;
  uint32_t acked = 0;
};

// Only one may exist at a time in a process, as everywhere in ns-3.
class FabricRun {
 public:
  enum class Engine : uint8_t { Window, Reference };

  FabricRun(const FabricSettings& fabric, const ns3::RoceSettings& roce, Engine engine = Engine::Window);
  FabricRun(FabricPlan plan, const ns3::RoceSettings& roce, Engine engine);
  ~FabricRun();
  FabricRun(const FabricRun&) = delete;
  FabricRun& operator=(const FabricRun&) = delete;

  // A queue pair between the first NICs of two hosts, which posts `count` messages at time 0.
  uint32_t add_flow(uint32_t source, uint32_t destination, Bytes message, uint32_t count = 1);

  // Has sample() take the depth of this egress queue every `interval` from `from` on.
  void sample_queue(uint32_t node, uint32_t port, SimTime from, SimTime interval);

  // Until then, or until all messages are acknowledged, whichever is earlier; may be called again.
  void run_until(SimTime end);

  SimTime now() const;
  const FabricPlan& plan() const { return plan_; }
  const std::vector<FlowResult>& flows() const { return flows_; }
  bool complete() const;
  ns3::RocePortStatistics port(uint32_t node, uint32_t port) const;
  ns3::RoceTransportStatistics transport() const { return fabric_->TransportStatistics(); }
  uint64_t drops() const;  // frames lost at switches, whatever the reason
  const std::vector<uint32_t>& queue_bytes() const { return queue_.samples; }  // those taken so far
  double mean_queue_bytes() const;

 private:
  class Poster;
  void install();
  void sample();

  FabricPlan plan_;
  std::unique_ptr<ns3::RoceFabric> fabric_;
  std::vector<FlowResult> flows_;
  std::vector<uint32_t> messages_;                // by flow
  std::vector<std::unique_ptr<Poster>> posters_;  // by host
  bool installed_ = false;
  struct {
    uint32_t node = 0, port = 0;
    SimTime interval;
    std::vector<uint32_t> samples;
  } queue_;
};

// N hosts on one switch: host i at its port i.
FabricSettings one_switch(uint32_t hosts, BitRate rate, SimTime propagation);

}  // namespace railyard
