// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/roce/model/roce-network.h"

#include "ns3/object-factory.h"

#include <string>
#include <string_view>

namespace ns3
{

/**
 * Builds a RoCE fabric: nodes, NICs, switches and what joins them.
 *
 * Before it, a program calls Time::SetResolution(Time::PS) and binds SimulatorImplementationType to
 * ns3::WindowSimulatorImpl or ns3::ReferenceSimulatorImpl. A simulation has one fabric.
 */
class RoceFabricHelper
{
  public:
    /// An Attribute of ns3::RoceNetwork, such as "Kind" or "LinkRate".
    void SetFabricAttribute(std::string name, const AttributeValue& value);

    /// An Attribute of every ns3::RoceSwitch, such as "GreenMinThreshold".
    void SetSwitchAttribute(std::string name, const AttributeValue& value);

    /// An Attribute of every ns3::RoceNic, such as "Mtu", or of an algorithm's, with its
    /// name before it, such as "WindowWindowBytes".
    void SetNicAttribute(std::string name, const AttributeValue& value);

    /// All of an algorithm's Attributes of every ns3::RoceNic at once: `railyard list presets`.
    void SetCongestionPreset(std::string_view algorithm, std::string_view preset);

    /// Nodes, NICs and switches. Their Attributes can still be set, each on its own, until the run
    /// starts.
    Ptr<RoceNetwork> Install() const;

  private:
    ObjectFactory m_network{"ns3::RoceNetwork"};
    ObjectFactory m_switch{"ns3::RoceSwitch"};
    ObjectFactory m_nic{"ns3::RoceNic"};
};

} // namespace ns3
