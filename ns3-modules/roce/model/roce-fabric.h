// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-application.h"
#include "roce-nodes.h"

#include "traffic/fabric/fabric_plan.h"

#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// What has happened at a port so far.
struct RocePortStatistics
{
    railyard::TransmitCounters sent;
    railyard::SwitchCounters switching; ///< at hosts only what their links lost or changed
    uint64_t pauses = 0;                ///< how often its transmitter was stopped
    SimTime paused;                     ///< for how long, over all queues
};

struct RoceTransportStatistics
{
    uint64_t retransmitted = 0; ///< packets
    uint64_t nacks = 0;
    uint64_t cnps = 0;
    uint64_t timeouts = 0;
};

/// A queue pair from one endpoint to another.
struct RoceFlow
{
    uint32_t source;
    uint32_t destination;
    RoceFlowClass flowClass = {};
};

/// Says what flows there are that nobody adds.
class RoceFlowSource
{
  public:
    virtual ~RoceFlowSource() = default;
    virtual RoceFlow FlowAt(uint32_t flow) const = 0;
};

/**
 * A RoCE fabric laid out for the engines: every switch and host of a plan as a datapath node, every
 * direction of a link as a ring, every queue pair as a flow.
 *
 * Build it, add flows and applications, then Install() it into the simulator in use.
 */
class RoceFabric : private QueuePairMaker
{
  public:
    /// The plan must outlive the fabric.
    RoceFabric(const railyard::FabricPlan& plan, const RoceSettings& settings);

    /// A queue pair from one NIC to another; returns its number. Entropy, as of the UDP source
    /// port, is drawn from the seed. During the run only control events may call it.
    uint32_t AddFlow(uint32_t sourceEndpoint,
                     uint32_t destinationEndpoint,
                     const RoceFlowClass& flowClass = {});

    /// So many will be added.
    void ReserveFlows(uint32_t count);

    /// Flows that are numbered from those added on, whose queue pairs are made when the first
    /// message is posted; no more can be added then. The source must outlive the fabric, and is
    /// asked by several threads at once.
    void SetLaterFlows(const RoceFlowSource& source);

    /// Makes a flow's queue pair at once, to stay: AllowanceOf() knows it throughout.
    void KeepFlow(uint32_t flow);

    /// Runs on the host, or reducer, from the start of the run; not owned. \param station as
    /// FabricPlan::station_of numbers it
    void SetApplication(uint32_t station, HostApplication* application);

    /// Hands the nodes to the simulator, which must be one of the fabric engines, and starts the
    /// applications at time 0.
    void Install();

    /// Egress queue depth of a port now, bytes.
    uint32_t QueuedBytes(uint32_t node, uint32_t port) const
    {
        return m_nodes.all[node]->ports[port].counters.queued_bytes;
    }

    /// Of a port until now.
    RocePortStatistics PortStatistics(uint32_t node, uint32_t port) const;
    /// What congestion control allows a flow now; looking changes nothing.
    railyard::Allowance AllowanceOf(uint32_t flow) const;
    RoceTransportStatistics TransportStatistics() const;

    const railyard::FabricPlan& Plan() const
    {
        return m_plan;
    }

    /// Has the host call its application at an absolute time that is not past. For control events.
    void WakeApplication(uint32_t host, const Time& time);

    /// Has nodes log RoceEvent::Marked, MessageReceived and MessageAcked, too.
    void LogTraces();

  private:
    void SetFlows();
    void LayOut(uint32_t flow, const RoceFlow& of, FlowSender& to);
    void LayOut(uint32_t flow, const RoceFlow& of, FlowReceiver& to);
    void MakeSender(uint32_t flow, FlowSender& to) override;
    void MakeReceiver(uint32_t flow, FlowReceiver& to) override;
    HostNode& SourceOf(uint32_t flow) const;
    /// At which a flow begins that leaves by this port.
    railyard::BitRate LineRate(railyard::FabricPort nic, uint32_t destination) const;

    const railyard::FabricPlan& m_plan;
    uint64_t m_seed;
    HostLayouts m_layouts;
    RoceNodes m_nodes;
    bool m_installed = false;
    std::vector<FlowSender> m_senders;
    std::vector<FlowReceiver> m_receivers;
    const RoceFlowSource* m_laterFlows = nullptr;
};

} // namespace ns3
