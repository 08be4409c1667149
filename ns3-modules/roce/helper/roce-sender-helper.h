// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3/application-container.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <cstdint>
#include <string>

namespace ns3
{

/// Installs RoceSenders, one a host, that all send to one NIC.
class RoceSenderHelper
{
  public:
    explicit RoceSenderHelper(Ptr<Node> remote, uint32_t remoteNic = 0);

    /// An Attribute of every ns3::RoceSender, such as "MessageBytes".
    void SetAttribute(std::string name, const AttributeValue& value);

    ApplicationContainer Install(NodeContainer hosts) const;
    ApplicationContainer Install(Ptr<Node> host) const;

  private:
    ObjectFactory m_factory;
};

} // namespace ns3
