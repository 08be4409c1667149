// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"

#include "ns3/object.h"

#include <optional>

namespace ns3
{

/// FabricSettings as an ns-3 object: one Attribute a parameter, from which the plan is
/// made.
class FabricTopology : public Object
{
  public:
    static TypeId GetTypeId();

    /// Wired and routed at the first call; Attributes cannot change after it. Settings that make no
    /// fabric end the program with the reason.
    const railyard::FabricPlan& GetPlan();

    /// One line in words, such as "2x2 leaf-spine: 8 hosts, 4 switches, 2:1".
    std::string Describe();

    bool IsLaidOut() const
    {
        return m_plan.has_value();
    }

  private:
    railyard::FabricSettings m_settings;
    std::optional<railyard::FabricPlan> m_plan;
};

} // namespace ns3
