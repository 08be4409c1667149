// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-application.h"
#include "host-flows.h"
#include "roce-node.h"

#include "traffic/protocol/transport/nic.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// What a host keeps of each NIC.
struct alignas(64) HostNic
{
    railyard::Turn turn;
    railyard::StateArena senderStates; ///< of the algorithms of the queue pairs that send
    railyard::ReceiverStates receiverStates;
};

/**
 * The datapath of a host with one or more RoCE NICs; port i is NIC i. What a NIC does is in
 * traffic/protocol/transport/nic.h; here are its rings, queues and timers.
 */
class HostNode : public RoceNode<HostNode>
{
  public:
    using RoceNode::RoceNode;

    template <class Context>
    void OnArrival(Context& context,
                   DatapathPort& port,
                   const railyard::Packet& packet,
                   SimTime now);
    template <class Context>
    void OnTimer(Context& context, uint32_t timer, SimTime now);
    template <class Context>
    void ServePort(Context& context, DatapathPort& port, SimTime now);

    /// Timer with which a run starts the application.
    static uint32_t StartTimer()
    {
        return TimerId(WakeApplication, 0);
    }

    /// What the numbers of timers have room for.
    static constexpr uint32_t MAX_FLOWS = 1u << TIMER_KIND_SHIFT;

    const railyard::NicRules* rules = nullptr; ///< hosts with the same settings share them
    FlowSender* senders = nullptr;             ///< of the whole fabric, by flow
    FlowReceiver* receivers = nullptr;         ///< of the whole fabric, by flow
    uint32_t heldFlows = NO_FLOW; ///< from this one on they are made when they are needed
    std::unique_ptr<HostFlows> laterFlows;
    HostApplication* application = nullptr;
    std::vector<HostNic> nics; ///< by port
    uint64_t timeouts = 0;

  private:
    /// One of its NICs, for the rules of a NIC.
    template <class Context>
    struct Nic;

    enum HostTimerKind : uint32_t
    {
        Pace = FIRST_KIND_OF_DERIVED,
        AckTimeout,
        WakeApplication,
        Receiver,
        Window
    };

    /// Null where it was put away.
    FlowSender* FindSender(uint32_t flow)
    {
        return flow < heldFlows ? &senders[flow] : laterFlows->FindSender(flow);
    }

    FlowReceiver* FindReceiver(uint32_t flow)
    {
        return flow < heldFlows ? &receivers[flow] : laterFlows->FindReceiver(flow);
    }

    void PutAwayIfDone(FlowSender& sender);

    static uint32_t NicTimerId(railyard::NicTimer what, uint32_t flow);
    template <class Context, class Callback>
    void CallApplication(Context& context, SimTime now, Callback callback);

    HostActions m_actions;
};

} // namespace ns3

#include "host-node-inl.h"
