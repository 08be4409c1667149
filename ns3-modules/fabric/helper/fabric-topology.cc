// SPDX-License-Identifier: GPL-2.0-only
#include "fabric-topology.h"

#include "parameter-attributes.h"

#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/fabric_parameters.h"

#include "ns3/abort.h"

#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FabricTopology);

TypeId
FabricTopology::GetTypeId()
{
    static const TypeId tid = []
    {
        TypeId made = TypeId("ns3::FabricTopology")
                          .SetParent<Object>()
                          .SetGroupName("Railyard")
                          .AddConstructor<FabricTopology>();
        AddParameterAttributes(made, &FabricTopology::m_settings);
        return made;
    }();
    return tid;
}

const railyard::FabricPlan&
FabricTopology::GetPlan()
{
    if (!m_plan)
    {
        auto plan = railyard::build_fabric(m_settings);
        NS_ABORT_MSG_UNLESS(plan, "ns3::FabricTopology: " << plan.error());
        m_plan = std::move(*plan);
    }
    return *m_plan;
}

std::string
FabricTopology::Describe()
{
    return railyard::describe_fabric(m_settings, GetPlan());
}

} // namespace ns3
