// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "roce-fabric.h"

#include "ns3-modules/engine/model/datapath-event.h"

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <string>

namespace ns3
{

class RoceNetwork;

/**
 * What RoceSwitch and RoceNic have in common: a node of a RoceNetwork, seen from ns-3.
 *
 * It is aggregated to an ns3::Node and holds that node's settings as Attributes until the network
 * is initialised; from then on it is a window on the datapath. The datapath logs events while nodes
 * run, and the trace sources fire when they stand still again, with the event's own time as
 * argument and as Simulator::Now(), ordered by time and node. A sink may
 *  - read its arguments; what else it reads of the fabric may already be up to one lookahead newer;
 *  - schedule an event at least one lookahead ahead (RoceNetwork::GetLookahead).
 */
class RoceElement : public Object
{
  public:
    static TypeId GetTypeId();
    RoceElement();
    ~RoceElement() override;

    /// \name Signatures of the trace sources
    /// @{
    /// \param port index of the port, or of the NIC
    /// \param queue egress queue that was stopped or may send again
    typedef void (*PauseTracedCallback)(Time time, uint32_t port, uint32_t queue);
    /// @}

    /// By RoceNetwork, once.
    void Attach(Ptr<RoceNetwork> network, uint32_t index);

    Ptr<RoceNetwork> GetNetwork() const;

    /// Index in FabricPlan::nodes; hosts come first.
    uint32_t GetIndex() const;

    /// Such as "host3", "leaf0".
    std::string GetName() const;

    uint32_t GetNPorts() const;

    /// Bytes in a port's egress queues now. From the start of the run on.
    uint32_t GetQueuedBytes(uint32_t port) const;

    /// What has happened at a port so far. From the start of the run on.
    RocePortStatistics GetPortStatistics(uint32_t port) const;

    /// Whether the settings have become a datapath, and cannot change any more.
    bool IsLaidOut() const;

    /// By RoceNetwork: fires the trace sources that an event of this node belongs to.
    virtual void Notify(const DatapathEvent& event);

    /// By RoceNetwork: there is a datapath now.
    virtual void OnLaidOut(RoceFabric& fabric);

  protected:
    void DoDispose() override;

  private:
    Ptr<RoceNetwork> m_network;
    uint32_t m_index = 0;
    bool m_laidOut = false;
    TracedCallback<Time, uint32_t, uint32_t> m_pauseStarted;
    TracedCallback<Time, uint32_t, uint32_t> m_pauseEnded;
};

} // namespace ns3
