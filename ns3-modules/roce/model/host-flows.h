// SPDX-License-Identifier: GPL-2.0-only
// Queue pairs that are made when they are first needed, and put away when nothing more will come:
// an all-to-all over 8,192 NICs has 67 million of them, and at any time needs some for each NIC.
// What is put away is what would be made again: no result depends on it.
#pragma once

#include "flow-ends.h"

#include "traffic/units/number_map.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace ns3
{

/// Makes the ends of queue pairs, from new ones or from such as were put away.
class QueuePairMaker
{
  public:
    virtual ~QueuePairMaker() = default;
    virtual void MakeSender(uint32_t flow, FlowSender& to) = 0;
    virtual void MakeReceiver(uint32_t flow, FlowReceiver& to) = 0;
};

/// Those of one host.
class HostFlows
{
  public:
    explicit HostFlows(QueuePairMaker& maker)
        : m_maker(maker)
    {
    }

    /// Null where it was not made yet, or has been put away.
    FlowSender* FindSender(uint32_t flow)
    {
        FlowSender** const found = m_senders.find(flow);
        return found == nullptr ? nullptr : *found;
    }

    FlowReceiver* FindReceiver(uint32_t flow)
    {
        FlowReceiver** const found = m_receivers.find(flow);
        return found == nullptr ? nullptr : *found;
    }

    FlowSender& SenderOf(uint32_t flow)
    {
        FlowSender* const found = FindSender(flow);
        return found != nullptr ? *found : MakeSender(flow);
    }

    FlowReceiver& ReceiverOf(uint32_t flow, SimTime now)
    {
        FlowReceiver* const found = FindReceiver(flow);
        return found != nullptr ? *found : MakeReceiver(flow, now);
    }

    /// Makes its sender at once, which stays to the end.
    void Keep(uint32_t flow);

    bool IsKept(uint32_t flow) const
    {
        return m_kept.find(flow) != nullptr;
    }

    /// All that it sent is acknowledged, and nothing more will be posted.
    void PutAway(FlowSender& sender);
    /// Its last message is there. It goes once forgetting it changes nothing.
    void NoteComplete(uint32_t flow, FlowReceiver& receiver);

    // Of all that are or were here.
    uint64_t Retransmitted() const;
    uint64_t Nacks() const;
    uint64_t Cnps() const;

  private:
    FlowSender& MakeSender(uint32_t flow);
    FlowReceiver& MakeReceiver(uint32_t flow, SimTime now);
    void PutAwayCompleted(SimTime now);

    QueuePairMaker& m_maker;
    railyard::NumberMap<FlowSender*> m_senders;
    railyard::NumberMap<FlowReceiver*> m_receivers;
    /// Of receivers that were put away, for what is sent twice: the PSN that would come next.
    railyard::NumberMap<uint32_t> m_nextPsn;
    railyard::NumberMap<bool> m_kept;
    std::deque<uint32_t> m_completed; ///< receivers, in that order
    std::vector<std::unique_ptr<FlowSender>> m_ownSenders;
    std::vector<std::unique_ptr<FlowReceiver>> m_ownReceivers;
    std::vector<FlowSender*> m_freeSenders;
    std::vector<FlowReceiver*> m_freeReceivers;
    uint64_t m_retransmitted = 0;
    uint64_t m_nacks = 0;
    uint64_t m_cnps = 0;
};

} // namespace ns3
