// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "logged-trace.h"
#include "roce-element.h"

#include "traffic/protocol/switching/drop_reason.h"
#include "traffic/protocol/switching/switch_settings.h"

#include <cstdint>

namespace ns3
{

/// A shared-buffer switch with PFC and ECN: its Attributes are the rows of SwitchSettings and
/// QosMaps.
class RoceSwitch : public RoceElement
{
  public:
    static TypeId GetTypeId();

    /// \name Signatures of the trace sources
    /// @{
    /// \param port ingress port whose peer is told to stop, or to go on
    /// \param priority PFC priority
    typedef void (*PfcTracedCallback)(Time time, uint32_t port, uint32_t priority);
    /// \param port egress port
    /// \param flow number of the queue pair, as RoceNetwork::AddFlow gave it
    typedef void (*MarkTracedCallback)(Time time, uint32_t port, uint32_t flow);
    /// \param port egress port of a frame that found its queue full, else the ingress port
    typedef void (*DropTracedCallback)(Time time, uint32_t port, railyard::DropReason reason);
    /// @}

    railyard::SwitchSettings GetSettings() const;

    void Notify(const DatapathEvent& event) override;
    void OnLaidOut(RoceFabric& fabric) override;

  protected:
    void DoDispose() override;

  private:
    railyard::SwitchSettings m_settings; ///< but for the maps, whose rows are another struct's
    railyard::QosMaps m_maps;
    TracedCallback<Time, uint32_t, uint32_t> m_pauseSent;
    TracedCallback<Time, uint32_t, uint32_t> m_resumeSent;
    TracedCallback<Time, uint32_t, railyard::DropReason> m_dropped;
    LoggedTrace<Time, uint32_t, uint32_t> m_marked;
};

} // namespace ns3
