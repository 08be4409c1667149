// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "roce-settings.h"

#include "ns3-modules/engine/model/datapath-event.h"

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <initializer_list>

namespace ns3
{

/**
 * What RoceSwitch and RoceNic have in common: aggregated to an ns3::Node, they hold its settings as
 * Attributes until the run starts, and from then on hand out what the datapath logs.
 *
 * The datapath logs events while nodes run, and the trace sources fire when they stand still again,
 * with the event's own time as argument and as Simulator::Now(), ordered by time and node. A sink
 * may
 *  - read its arguments; what else it reads of the fabric may already be up to one lookahead newer;
 *  - schedule an event at least one lookahead ahead (FabricSimulatorImpl::GetLookahead).
 */
class RoceElement : public Object
{
  public:
    static TypeId GetTypeId();

    /// Signature of the trace sources.
    /// \param port index of the port, or of the NIC
    /// \param value what the source's help says
    typedef void (*PortTracedCallback)(Time time, uint32_t port, uint32_t value);

    /// Whether the settings have become a datapath, and cannot change any more.
    bool IsLaidOut() const;

    /// By RoceNetwork, when there is a datapath.
    void SetLaidOut();

    /// By RoceNetwork: fires the trace source that an event of this node belongs to.
    void Notify(const DatapathEvent& event);

  protected:
    /// Gives `tid` the trace sources of the datapath events with these codes.
    static void AddTraceSources(TypeId tid, std::initializer_list<uint16_t> codes);

  private:
    using Trace = TracedCallback<Time, uint32_t, uint32_t>;
    struct Source;
    static const std::initializer_list<Source> SOURCES;

    bool m_laidOut = false;
    Trace m_pauseStarted;
    Trace m_pauseEnded;
    Trace m_pauseSent;
    Trace m_resumeSent;
    Trace m_marked;
    Trace m_dropped;
    Trace m_messageReceived;
    Trace m_messageAcked;
    Trace m_queuePairFailed;
};

/// A shared-buffer switch with PFC and ECN: its Attributes are the rows of SwitchSettings and
/// QosMaps.
class RoceSwitch : public RoceElement
{
  public:
    static TypeId GetTypeId();

    railyard::SwitchSettings GetSettings() const;

  private:
    railyard::SwitchSettings m_settings; ///< but for the maps, whose rows are another struct's
    railyard::QosMaps m_maps;
};

/// The RoCE NICs of a host, which are all set alike; port i is NIC i. Its Attributes are the rows
/// of NicSettings and QosMaps, and those of each congestion-control algorithm with its name before
/// them ("WindowWindowBytes").
class RoceNic : public RoceElement
{
  public:
    static TypeId GetTypeId();

    RoceHostSettings GetSettings() const;

  private:
    railyard::NicSettings m_nics;
    railyard::CongestionSettings m_congestion;
    railyard::QosMaps m_maps;
};

} // namespace ns3
