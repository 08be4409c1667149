// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "roce-fabric.h"
#include "roce-nic.h"
#include "roce-switch.h"

#include "ns3-modules/engine/model/datapath-event.h"
#include "ns3-modules/fabric/helper/fabric-topology.h"

#include "ns3/node-container.h"
#include "ns3/object.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/// Hears of the messages of one flow, at the times of trace sinks and under their rules.
class RoceFlowListener
{
  public:
    virtual ~RoceFlowListener() = default;
    virtual void OnMessageReceived(Time time) = 0;
    virtual void OnMessageAcked(Time time) = 0;
};

/**
 * A RoCE fabric as ns-3 objects: a Node with a RoceNic for each host, a Node with a RoceSwitch for
 * each switch, made by RoceFabricHelper.
 *
 * At time 0 of the run it lays itself out: plan and Attributes become a RoceFabric, which the
 * simulator runs. Random numbers follow from RngSeedManager, that is from --RngSeed and --RngRun.
 */
class RoceNetwork : public Object, private DatapathObserver
{
  public:
    static TypeId GetTypeId();

    /// By RoceFabricHelper: nodes in the order of the plan, each with its RoceNic or RoceSwitch.
    void SetUp(Ptr<FabricTopology> topology, NodeContainer nodes);

    const railyard::FabricPlan& GetPlan() const;

    /// One line in words, such as "2x2 leaf-spine: 8 hosts, 4 switches, 2:1".
    std::string Describe() const;

    NodeContainer GetHosts() const;
    NodeContainer GetSwitches() const;
    Ptr<RoceNic> GetNic(uint32_t host) const;
    Ptr<RoceSwitch> GetSwitch(uint32_t number) const; ///< in the order of GetSwitches

    /// A queue pair between two endpoints, that is host * NICs of a host + NIC; returns its number.
    /// The listener may be nullptr; it must outlive the run.
    uint32_t AddFlow(uint32_t source, uint32_t destination, RoceFlowListener* listener = nullptr);

    /// Sum over all queue pairs. From the start of the run on.
    RoceTransportStatistics GetTransportStatistics() const;

    /// How far ahead of its event a trace sink must schedule at least. From the start of the run
    /// on.
    Time GetLookahead() const;

    /// The datapath. From the start of the run on.
    RoceFabric& GetFabric() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    struct Flow
    {
        uint32_t source;
        uint32_t destination;
        RoceFlowListener* listener;
    };

    RoceSettings CollectSettings() const;
    void OnEvent(const DatapathEvent& event) override;

    Ptr<FabricTopology> m_topology;
    NodeContainer m_hosts;
    NodeContainer m_switches;
    std::vector<Ptr<RoceElement>> m_elements; ///< by node
    std::vector<Flow> m_flows;
    std::unique_ptr<RoceFabric> m_fabric;
};

} // namespace ns3
