// SPDX-License-Identifier: BSD-3-Clause
// One Ethernet port with the NIC that is emulated on it, on the lcore that owns both; or one queue of it,
// with the queue pairs that are played there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dpdk-app/agent/address_resolution.h"
#include "dpdk-app/agent/measurements.h"
#include "dpdk-app/agent/nic_port.h"

struct rte_mempool;

namespace railyard::lab {

namespace control {
class Probe;
class ProbeResult;
}  // namespace control

class EthernetPort;
class PcapRing;
class SharedPort;
class TscClock;

// How ICRCs are made and checked, beyond the standard's way: for rates at which they are what costs most.
struct IcrcShortcuts {
  bool derive = false;  // of full packets, which hold zeros, and ACKs: from the flow's FrameTemplate
  uint32_t sample = 1;  // of those received, one in so many is verified

  bool any() const { return derive || sample > 1; }
};

struct PortContext {
  EthernetPort& port;
  uint16_t queue = 0;
  rte_mempool* pool = nullptr;
  const TscClock& clock;
  IcrcShortcuts icrc;
  SharedPort* shared = nullptr;  // where the port has several queues
  bool ignore_pauses = false;
};

class PortPlayer {
 public:
  virtual ~PortPlayer() = default;
  // Receives and sends what is there and due; false where there was nothing.
  virtual bool poll() = 0;
  virtual SimTime next_due() const = 0;

  // The queue pairs, once all next hops are known. `events` must outlive it.
  virtual void add_flows(const LabPlan& plan, const FlowTable& flows, MessageEvents& events) = 0;
  virtual void post(uint32_t flow, uint64_t bytes, SimTime now) = 0;
  virtual void start(SimTime at) = 0;
  virtual void stop() = 0;
  virtual void fall_silent() = 0;  // answers are not sent either

  // A check's frames over the same port and by the same pauses, between add_flows() and start(). The plan
  // must outlive it.
  virtual void begin_probe(const LabPlan& plan, const control::Probe& probe, SimTime start) = 0;
  // Adds what came of it.
  virtual void end_probe(control::ProbeResult& result) = 0;

  virtual AddressResolution& addresses() = 0;
  // Before add_flows() all is zero.
  virtual const NicCounters& counters() const = 0;
  virtual uint64_t retransmitted() const = 0;
  virtual SimTime lateness_p99() const = 0;
  virtual NicReport report() const = 0;
  // The last frames that passed, of each queue, where the plan asks for captures. Their times count from the
  // agent's start.
  virtual std::vector<const PcapRing*> captures() const = 0;
};

// Of the last frames of a port, where the plan asks for a capture.
constexpr Bytes kCaptureBytes{16 << 20};

std::unique_ptr<PortPlayer> make_port_player(const LabPlan& plan, uint32_t endpoint, uint32_t flow_count,
                                             const PortContext& context);

// To whom a frame for `peer` goes: itself, or the gateway.
uint32_t next_hop_of(const LabEndpoint& from, const LabEndpoint& peer);

}  // namespace railyard::lab
