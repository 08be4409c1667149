// SPDX-License-Identifier: GPL-2.0-only
#include "datapath-node.h"

#include <utility>

namespace ns3
{

DatapathNode::DatapathNode(uint32_t id,
                           std::vector<DatapathPort>&& ports,
                           const std::vector<uint16_t>& tieRanks)
    : id(id),
      ports(std::move(ports)),
      in(tieRanks.size()),
      portOfRank(tieRanks.size()),
      transmits(static_cast<uint32_t>(this->ports.size()))
{
    for (uint32_t i = 0; i < this->ports.size(); ++i)
    {
        this->ports[i].index = static_cast<uint16_t>(i);
        this->ports[i].tieRank = tieRanks[i];
        portOfRank[tieRanks[i]] = static_cast<uint16_t>(i);
    }
}

} // namespace ns3
