// SPDX-License-Identifier: GPL-2.0-only
#include "roce-sender.h"

#include "ns3/abort.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceSender);

TypeId
RoceSender::GetTypeId()
{
    static const TypeId tid =
        TypeId("ns3::RoceSender")
            .SetParent<Application>()
            .SetGroupName("Railyard")
            .AddConstructor<RoceSender>()
            .AddAttribute("Remote",
                          "The host to send to",
                          PointerValue(),
                          MakePointerAccessor(&RoceSender::m_remote),
                          MakePointerChecker<Node>())
            .AddAttribute("RemoteNic",
                          "Which NIC of the remote host receives",
                          UintegerValue(0),
                          MakeUintegerAccessor(&RoceSender::m_remoteNic),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Nic",
                          "Which NIC of this host sends",
                          UintegerValue(0),
                          MakeUintegerAccessor(&RoceSender::m_nic),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("MessageBytes",
                          "Size of the messages that are posted at the start time",
                          UintegerValue(1 << 20),
                          MakeUintegerAccessor(&RoceSender::m_messageBytes),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("Messages",
                          "How many messages are posted at the start time",
                          UintegerValue(1),
                          MakeUintegerAccessor(&RoceSender::m_messages),
                          MakeUintegerChecker<uint32_t>())
            .AddTraceSource("MessageReceived",
                            "A message has arrived in full",
                            MakeTraceSourceAccessor(&RoceSender::m_messageReceived),
                            "ns3::RoceSender::MessageTracedCallback")
            .AddTraceSource("MessageAcked",
                            "A message was acknowledged in full",
                            MakeTraceSourceAccessor(&RoceSender::m_messageAcked),
                            "ns3::RoceSender::MessageTracedCallback");
    return tid;
}

namespace
{

/// NIC number `nic` of a host, as FabricPlan numbers all NICs.
uint32_t
EndpointOf(Ptr<Node> host, uint32_t nic, const char* attribute)
{
    const Ptr<RoceNic> device = host == nullptr ? nullptr : host->GetObject<RoceNic>();
    NS_ABORT_MSG_UNLESS(device,
                        "ns3::RoceSender: " << attribute
                                            << " is no host of a RoceNetwork: use one of "
                                               "RoceNetwork::GetHosts()");
    NS_ABORT_MSG_UNLESS(nic < device->GetNPorts(),
                        "ns3::RoceSender: there is no NIC " << nic << " on " << device->GetName()
                                                            << ", which has "
                                                            << device->GetNPorts());
    return device->GetIndex() * device->GetNPorts() + nic;
}

} // namespace

void
RoceSender::DoInitialize()
{
    const uint32_t source = EndpointOf(GetNode(), m_nic, "the node that it is installed on");
    const uint32_t destination = EndpointOf(m_remote, m_remoteNic, "Remote");
    m_device = GetNode()->GetObject<RoceNic>();
    m_flow = m_device->GetNetwork()->AddFlow(source, destination, this);
    Application::DoInitialize();
}

void
RoceSender::DoDispose()
{
    m_remote = nullptr;
    m_device = nullptr;
    Application::DoDispose();
}

void
RoceSender::StartApplication()
{
    for (uint32_t i = 0; i < m_messages; ++i)
    {
        Post(m_messageBytes);
    }
}

void
RoceSender::Post(uint64_t bytes)
{
    NS_ABORT_MSG_UNLESS(m_device, "ns3::RoceSender::Post: its queue pair is made at time 0");
    m_device->Post(m_flow, bytes);
    m_posted.push_back(Simulator::Now());
}

uint32_t
RoceSender::GetFlow() const
{
    return m_flow;
}

void
RoceSender::OnMessageReceived(Time time)
{
    const uint32_t message = m_received++;
    m_messageReceived(time, message, time - m_posted[message]);
}

void
RoceSender::OnMessageAcked(Time time)
{
    const uint32_t message = m_acked++;
    m_messageAcked(time, message, time - m_posted[message]);
}

} // namespace ns3
