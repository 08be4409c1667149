// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "roce-element.h"

#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"

#include <cstdint>
#include <memory>

namespace ns3
{

/// The RoCE NICs of a host, which are all set alike; port i is NIC i. Its Attributes are the rows
/// of NicSettings and QosMaps, and those of each congestion-control algorithm with its name before
/// them ("WindowWindowBytes").
class RoceNic : public RoceElement
{
  public:
    static TypeId GetTypeId();
    RoceNic();
    ~RoceNic() override;

    /// Signature of the trace sources.
    /// \param flow number of the queue pair, as RoceNetwork::AddFlow gave it
    typedef void (*FlowTracedCallback)(Time time, uint32_t flow);

    RoceHostSettings GetSettings() const;

    /**
     * Posts a message on a flow that starts at this host, now. Messages of a flow are sent in the
     * order in which they were posted. Not for trace sinks.
     */
    void Post(uint32_t flow, uint64_t bytes);

    void Notify(const DatapathEvent& event) override;
    void OnLaidOut(RoceFabric& fabric) override;

  private:
    class Poster;

    void DoPost(uint32_t flow, uint64_t bytes);

    railyard::NicSettings m_nics;
    railyard::CongestionSettings m_congestion;
    railyard::QosMaps m_maps;
    std::unique_ptr<Poster> m_poster;
    TracedCallback<Time, uint32_t> m_messageReceived;
    TracedCallback<Time, uint32_t> m_messageAcked;
    TracedCallback<Time, uint32_t> m_queuePairFailed;
};

} // namespace ns3
