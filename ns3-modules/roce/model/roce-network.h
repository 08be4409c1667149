// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-application.h"
#include "roce-element.h"
#include "roce-fabric.h"

#include "ns3-modules/engine/model/datapath-event.h"
#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/object.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * A RoCE fabric as ns-3 objects, made by RoceFabricHelper: a Node with a RoceNic for each host, a
 * Node with a RoceSwitch for each switch. Its Attributes are the rows of FabricSettings.
 *
 * At time 0 of the run it lays out a RoceFabric, as `railyard` does without objects, by the plan
 * and the objects' settings. Random numbers follow from RngSeedManager, that is from --RngSeed and
 * --RngRun.
 */
class RoceNetwork : public Object, private DatapathObserver
{
  public:
    static TypeId GetTypeId();

    /// By RoceFabricHelper, once: wires the fabric and makes its nodes. Settings that make no
    /// fabric end the program with the reason.
    void SetUp(const ObjectFactory& nics, const ObjectFactory& switches);

    /// Hosts first, then switches: RoceFabric numbers the nodes in this order.
    const railyard::FabricPlan& GetPlan() const;
    NodeContainer GetHosts() const;
    NodeContainer GetSwitches() const;
    Ptr<RoceNic> GetNic(uint32_t host) const;
    Ptr<RoceSwitch> GetSwitch(uint32_t number) const; ///< in the order of GetSwitches

    /// A queue pair between two endpoints, that is host * NICs of a host + NIC; returns its number,
    /// which trace sources give as flow.
    uint32_t AddFlow(uint32_t source, uint32_t destination);

    /// Posts a message on a flow, now. Messages of a flow are sent in the order in which they were
    /// posted. Not for trace sinks.
    void Post(uint32_t flow, uint64_t bytes);

    /// The datapath with its counters and queues. From the start of the run on.
    RoceFabric& GetFabric() const;

    /// Whether there is a plan, which the Attributes cannot change any more.
    bool IsLaidOut() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    struct Flow
    {
        uint32_t source;
        uint32_t destination;
    };

    /// A host's application in the datapath: posts what control events have left for it.
    struct Poster : public HostApplication
    {
        void OnWake(railyard::SimTime now, HostActions& actions) override;

        std::vector<HostActions::Post> left;
    };

    RoceSettings CollectSettings() const;
    void DoPost(uint32_t flow, uint64_t bytes);
    void OnEvent(const DatapathEvent& event) override;

    railyard::FabricSettings m_settings;
    std::optional<railyard::FabricPlan> m_plan;
    NodeContainer m_hosts;
    NodeContainer m_switches;
    std::vector<Ptr<RoceElement>> m_elements; ///< by node
    std::vector<Poster> m_posters;            ///< by host
    std::vector<Flow> m_flows;
    std::unique_ptr<RoceFabric> m_fabric;
};

} // namespace ns3
