// SPDX-License-Identifier: GPL-2.0-only
#include "host-flows.h"

#include <utility>

namespace ns3
{

namespace
{

template <class End>
End*
Take(std::vector<End*>& free, std::vector<std::unique_ptr<End>>& own)
{
    if (free.empty())
    {
        own.push_back(std::make_unique<End>());
        return own.back().get();
    }
    End* const taken = free.back();
    free.pop_back();
    return taken;
}

} // namespace

FlowSender&
HostFlows::MakeSender(uint32_t flow)
{
    FlowSender* const sender = Take(m_freeSenders, m_ownSenders);
    m_maker.MakeSender(flow, *sender);
    m_senders.insert(flow, sender);
    return *sender;
}

FlowReceiver&
HostFlows::MakeReceiver(uint32_t flow, SimTime now)
{
    PutAwayCompleted(now);
    FlowReceiver* const receiver = Take(m_freeReceivers, m_ownReceivers);
    m_maker.MakeReceiver(flow, *receiver);
    if (const uint32_t* const psn = m_nextPsn.find(flow))
    {
        receiver->queue.expected_psn = *psn;
        m_nextPsn.erase(flow);
    }
    m_receivers.insert(flow, receiver);
    return *receiver;
}

void
HostFlows::Keep(uint32_t flow)
{
    MakeSender(flow);
    m_kept.insert(flow, true);
}

void
HostFlows::PutAway(FlowSender& sender)
{
    m_retransmitted += sender.queue.retransmitted;
    m_senders.erase(sender.queue.flow);
    m_freeSenders.push_back(&sender);
}

void
HostFlows::NoteComplete(uint32_t flow, FlowReceiver& receiver)
{
    if (!std::exchange(receiver.complete, true))
    {
        m_completed.push_back(flow);
    }
}

void
HostFlows::PutAwayCompleted(SimTime now)
{
    for (; !m_completed.empty(); m_completed.pop_front())
    {
        const uint32_t flow = m_completed.front();
        FlowReceiver* const receiver = FindReceiver(flow);
        if (!receiver->control.is_idle(now))
        {
            return;
        }
        m_nacks += receiver->nacks;
        m_cnps += receiver->cnps;
        m_nextPsn.insert(flow, receiver->queue.expected_psn);
        m_receivers.erase(flow);
        m_freeReceivers.push_back(receiver);
    }
}

uint64_t
HostFlows::Retransmitted() const
{
    uint64_t packets = m_retransmitted;
    m_senders.for_each([&](uint32_t, const FlowSender* sender)
                       { packets += sender->queue.retransmitted; });
    return packets;
}

uint64_t
HostFlows::Nacks() const
{
    uint64_t nacks = m_nacks;
    m_receivers.for_each([&](uint32_t, const FlowReceiver* receiver) { nacks += receiver->nacks; });
    return nacks;
}

uint64_t
HostFlows::Cnps() const
{
    uint64_t cnps = m_cnps;
    m_receivers.for_each([&](uint32_t, const FlowReceiver* receiver) { cnps += receiver->cnps; });
    return cnps;
}

} // namespace ns3
