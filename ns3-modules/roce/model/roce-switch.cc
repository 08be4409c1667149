// SPDX-License-Identifier: GPL-2.0-only
#include "roce-switch.h"

#include "ns3-modules/fabric/helper/parameter-attributes.h"
#include "traffic/protocol/switching/switch_parameters.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceSwitch);

TypeId
RoceSwitch::GetTypeId()
{
    static const TypeId tid = []
    {
        TypeId made = TypeId("ns3::RoceSwitch")
                          .SetParent<RoceElement>()
                          .SetGroupName("Railyard")
                          .AddConstructor<RoceSwitch>()
                          .AddTraceSource("PauseSent",
                                          "A PFC pause goes to the peer; refreshes are not traced",
                                          MakeTraceSourceAccessor(&RoceSwitch::m_pauseSent),
                                          "ns3::RoceSwitch::PfcTracedCallback")
                          .AddTraceSource("ResumeSent",
                                          "A PFC resume goes to the peer",
                                          MakeTraceSourceAccessor(&RoceSwitch::m_resumeSent),
                                          "ns3::RoceSwitch::PfcTracedCallback")
                          .AddTraceSource("Marked",
                                          "A frame's ECN field is set to CE",
                                          MakeTraceSourceAccessor(&RoceSwitch::m_marked),
                                          "ns3::RoceSwitch::MarkTracedCallback")
                          .AddTraceSource("Dropped",
                                          "A frame is thrown away",
                                          MakeTraceSourceAccessor(&RoceSwitch::m_dropped),
                                          "ns3::RoceSwitch::DropTracedCallback");
        AddParameterAttributes(made, &RoceSwitch::m_settings);
        AddParameterAttributes(made, &RoceSwitch::m_maps);
        return made;
    }();
    return tid;
}

railyard::SwitchSettings
RoceSwitch::GetSettings() const
{
    railyard::SwitchSettings settings = m_settings;
    settings.maps = m_maps;
    return settings;
}

void
RoceSwitch::OnLaidOut(RoceFabric& fabric)
{
    RoceElement::OnLaidOut(fabric);
    m_marked.SetLogging([&fabric, node = GetIndex()](bool on) { fabric.LogMarks(node, on); });
}

void
RoceSwitch::DoDispose()
{
    m_marked.SetLogging({});
    RoceElement::DoDispose();
}

void
RoceSwitch::Notify(const DatapathEvent& event)
{
    const auto value = static_cast<uint32_t>(event.value);
    switch (event.code)
    {
    case RoceEvent::PauseSent:
        m_pauseSent(TimeStep(event.time), event.port, value);
        break;
    case RoceEvent::ResumeSent:
        m_resumeSent(TimeStep(event.time), event.port, value);
        break;
    case RoceEvent::Marked:
        m_marked(TimeStep(event.time), event.port, value);
        break;
    case RoceEvent::Dropped:
        m_dropped(TimeStep(event.time), event.port, static_cast<railyard::DropReason>(value));
        break;
    default:
        RoceElement::Notify(event);
        break;
    }
}

} // namespace ns3
