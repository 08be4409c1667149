// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "roce-network.h"

#include "ns3/application.h"
#include "ns3/nstime.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * Sends messages over one queue pair: those that its Attributes ask for at its start time, and any
 * that a program posts.
 *
 * Install it on a host of a RoceNetwork (RoceSenderHelper). As with BulkSendApplication there is
 * nothing to be installed at the other end.
 */
class RoceSender : public Application, private RoceFlowListener
{
  public:
    static TypeId GetTypeId();

    /// Signature of the trace sources.
    /// \param message counts from 0 in the order of posting
    /// \param elapsed since the message was posted
    typedef void (*MessageTracedCallback)(Time time, uint32_t message, Time elapsed);

    /// Posts one more message now, after the start time or before; not from a trace sink.
    void Post(uint64_t bytes);

    /// The queue pair's number in other trace sources. From the start of the run on.
    uint32_t GetFlow() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    void StartApplication() override;
    void OnMessageReceived(Time time) override;
    void OnMessageAcked(Time time) override;

    Ptr<Node> m_remote;
    uint32_t m_remoteNic = 0;
    uint32_t m_nic = 0;
    uint64_t m_messageBytes = 0;
    uint32_t m_messages = 0;
    Ptr<RoceNic> m_device;
    uint32_t m_flow = 0;
    std::vector<Time> m_posted;
    uint32_t m_received = 0;
    uint32_t m_acked = 0;
    TracedCallback<Time, uint32_t, Time> m_messageReceived;
    TracedCallback<Time, uint32_t, Time> m_messageAcked;
};

} // namespace ns3
