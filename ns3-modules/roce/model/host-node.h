// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-application.h"
#include "roce-node.h"

#include "traffic/protocol/transport/nic.h"

#include <cstdint>
#include <vector>

namespace ns3
{

constexpr uint32_t NO_FLOW = ~uint32_t{0};

/// The sending end of a flow.
struct alignas(64) FlowSender : railyard::SendingQueuePair
{
};

/// The receiving end of a flow.
struct alignas(64) FlowReceiver : railyard::ReceivingQueuePair
{
    uint32_t replyTo = 0; ///< endpoint of the sender
    uint32_t replyEntropy = 0;
    uint16_t port = 0; ///< its NIC
    uint64_t nacks = 0;
    uint64_t cnps = 0;
};

static_assert(sizeof(FlowReceiver) == 64, "an arrival touches one line");

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

    const railyard::NicRules* rules = nullptr; ///< hosts with the same settings share them
    FlowSender* senders = nullptr;             ///< of the whole fabric, by flow
    FlowReceiver* receivers = nullptr;         ///< of the whole fabric, by flow
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

    static uint32_t NicTimerId(railyard::NicTimer what, uint32_t flow);
    template <class Context, class Callback>
    void CallApplication(Context& context, SimTime now, Callback callback);

    HostActions m_actions;
};

} // namespace ns3

#include "host-node-inl.h"
