// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-application.h"
#include "roce-node.h"

#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/protocol/transport/rate_control.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/transport/state_arena.h"
#include "traffic/protocol/transport/turn.h"

#include <cstdint>
#include <vector>

namespace ns3
{

constexpr uint32_t NO_FLOW = ~uint32_t{0};

/// The sending end of a flow: queue pair, rate and its place in the NIC's schedule.
struct alignas(64) FlowSender
{
    enum class Schedule : uint8_t
    {
        Idle,   ///< nothing to send
        Ready,  ///< in its NIC's turn
        Waiting ///< for the pacer
    };

    railyard::SendQueue queue;
    uint32_t nextReady = railyard::Turn::kNobody; ///< in its NIC's ring
    uint16_t nic = 0;
    uint8_t dataTos = 0;
    uint8_t dataQueue = 0; ///< egress queue, of which a pause stops it
    Schedule schedule = Schedule::Idle;
    bool timeoutArmed = false;
    int64_t wakeAt = 0;      ///< Waiting: when the pacer's timer fires
    int64_t pacedFrom = 0;   ///< from when the last packet's share of time is counted
    uint32_t pacedBytes = 0; ///< that packet's length with preamble and gap
    railyard::RateControl rate;
};

/// The receiving end of a flow.
struct alignas(64) FlowReceiver
{
    railyard::ReceiveQueue queue;
    uint32_t replyTo = 0; ///< endpoint of the sender
    uint32_t replyEntropy = 0;
    uint64_t nacks = 0;
    uint64_t cnps = 0;
};

/// What all hosts of a fabric share and only read.
struct HostSettings
{
    railyard::NicSettings nic;
    uint8_t ackTos = 0;
    uint8_t cnpTos = 0;
    int64_t ackTimeoutPs = 0;
    int64_t cnpIntervalPs = 0;
};

/// What a host keeps of each NIC.
struct alignas(64) HostNic
{
    railyard::Turn turn;
    railyard::StateArena states; ///< of the algorithms of its queue pairs
};

/**
 * The datapath of a host with one or more RoCE NICs; port i is NIC i.
 *
 * Each NIC serves its answers (ACK, NAK, CNP) first, by priority, then its queue pairs that may
 * send, by priority of their egress queues and within one in turn. A queue pair whose rate is
 * limited waits outside of the turn: no packet costs a scan over queue pairs.
 */
class HostNode final : public RoceNode<HostNode>
{
  public:
    using RoceNode::RoceNode;

    template <class Context>
    void OnArrival(Context& context,
                   DatapathPort& port,
                   const railyard::Packet& packet,
                   int64_t now);
    template <class Context>
    void OnTimer(Context& context, uint32_t timer, int64_t now);
    template <class Context>
    void ServePort(Context& context, DatapathPort& port, int64_t now);

    /// Timer with which a run starts the application.
    static uint32_t StartTimer()
    {
        return TimerId(WakeApplication, 0);
    }

    const HostSettings* settings = nullptr;
    FlowSender* senders = nullptr;     ///< of the whole fabric, by flow
    FlowReceiver* receivers = nullptr; ///< of the whole fabric, by flow
    HostApplication* application = nullptr;

    std::vector<HostNic> nics; ///< by port
    uint64_t timeouts = 0;
    bool logMessages = false; ///< log RoceEvent::MessageReceived and MessageAcked

  private:
    enum HostTimerKind : uint32_t
    {
        Pace = FIRST_KIND_OF_DERIVED,
        AckTimeout,
        WakeApplication
    };

    void PushReady(FlowSender& sender);
    FlowSender& PopReady(HostNic& nic, uint32_t queue);
    /// Egress queues of which data may go.
    uint32_t SendableData(const DatapathPort& port) const;
    /// When the rate allows the next packet.
    static int64_t EligibleAt(const FlowSender& sender);

    /// Puts a sender that has packets where it belongs: in the ring if it may send by `by`, else
    /// under the pacer.
    template <class Context>
    void ScheduleSender(Context& context, FlowSender& sender, int64_t by);
    template <class Context>
    void SendData(Context& context, DatapathPort& port, int64_t now);
    /// The oldest message of a flow that starts here was acknowledged.
    template <class Context>
    void CompleteMessage(Context& context, DatapathPort& port, uint32_t flow, int64_t now);
    template <class Context>
    void ReceiveData(Context& context,
                     DatapathPort& port,
                     const railyard::Packet& packet,
                     int64_t now);
    template <class Context>
    void Reply(Context& context,
               DatapathPort& port,
               railyard::PacketKind kind,
               uint32_t flow,
               uint32_t psn);
    template <class Context>
    void OnPaceTimer(Context& context, FlowSender& sender, int64_t now);
    template <class Context>
    void OnAckTimer(Context& context, FlowSender& sender, int64_t now);
    template <class Context>
    void Resend(Context& context, FlowSender& sender, int64_t now);
    template <class Context, class Callback>
    void CallApplication(Context& context, int64_t now, Callback callback);

    HostActions m_actions;
};

} // namespace ns3

#include "host-node-inl.h"
