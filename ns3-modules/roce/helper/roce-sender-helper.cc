// SPDX-License-Identifier: GPL-2.0-only
#include "roce-sender-helper.h"

#include "ns3-modules/roce/model/roce-sender.h"

#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/uinteger.h"

namespace ns3
{

RoceSenderHelper::RoceSenderHelper(Ptr<Node> remote, uint32_t remoteNic)
    : m_factory("ns3::RoceSender")
{
    m_factory.Set("Remote", PointerValue(remote), "RemoteNic", UintegerValue(remoteNic));
}

void
RoceSenderHelper::SetAttribute(std::string name, const AttributeValue& value)
{
    m_factory.Set(name, value);
}

ApplicationContainer
RoceSenderHelper::Install(NodeContainer hosts) const
{
    ApplicationContainer senders;
    for (auto host = hosts.Begin(); host != hosts.End(); ++host)
    {
        senders.Add(Install(*host));
    }
    return senders;
}

ApplicationContainer
RoceSenderHelper::Install(Ptr<Node> host) const
{
    const auto sender = m_factory.Create<RoceSender>();
    host->AddApplication(sender);
    return ApplicationContainer(sender);
}

} // namespace ns3
