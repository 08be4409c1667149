// SPDX-License-Identifier: GPL-2.0-only
#include "roce-element.h"

#include "roce-event.h"

#include "ns3-modules/roce/helper/parameter-attributes.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

#include <algorithm>
#include <fmt/format.h>

namespace ns3
{

/// A trace source, and the events that it hands out.
struct RoceElement::Source
{
    uint16_t code;
    Trace RoceElement::*trace;
    const char* name;
    const char* help;
};

const std::initializer_list<RoceElement::Source> RoceElement::SOURCES = {
    {RoceEvent::PauseStarted,
     &RoceElement::m_pauseStarted,
     "PauseStarted",
     "A pause received by PFC stops an egress queue; value: queue"},
    {RoceEvent::PauseEnded,
     &RoceElement::m_pauseEnded,
     "PauseEnded",
     "An egress queue that was paused may send again; value: queue"},
    {RoceEvent::PauseSent,
     &RoceElement::m_pauseSent,
     "PauseSent",
     "A PFC pause goes to the peer, refreshes apart; value: priority"},
    {RoceEvent::ResumeSent,
     &RoceElement::m_resumeSent,
     "ResumeSent",
     "A PFC resume goes to the peer; value: priority"},
    {RoceEvent::Marked,
     &RoceElement::m_marked,
     "Marked",
     "A frame's ECN field is set to CE; value: flow"},
    {RoceEvent::Dropped,
     &RoceElement::m_dropped,
     "Dropped",
     "A frame is thrown away, at its egress port if that was full, else at its ingress; value: "
     "railyard::DropReason"},
    {RoceEvent::MessageReceived,
     &RoceElement::m_messageReceived,
     "MessageReceived",
     "A message to this host has arrived in full; value: flow"},
    {RoceEvent::MessageAcked,
     &RoceElement::m_messageAcked,
     "MessageAcked",
     "A message from this host was acknowledged in full; value: flow"},
    {RoceEvent::QueuePairFailed,
     &RoceElement::m_queuePairFailed,
     "QueuePairFailed",
     "A queue pair of this host gave up after RetryCnt tries; value: flow"},
};

// After the sources, which they read.
NS_OBJECT_ENSURE_REGISTERED(RoceElement);
NS_OBJECT_ENSURE_REGISTERED(RoceSwitch);
NS_OBJECT_ENSURE_REGISTERED(RoceNic);

TypeId
RoceElement::GetTypeId()
{
    static const TypeId tid = []
    {
        const TypeId made = TypeId("ns3::RoceElement").SetParent<Object>().SetGroupName("Railyard");
        AddTraceSources(made, {RoceEvent::PauseStarted, RoceEvent::PauseEnded});
        return made;
    }();
    return tid;
}

void
RoceElement::AddTraceSources(TypeId tid, std::initializer_list<uint16_t> codes)
{
    for (const Source& source : SOURCES)
    {
        if (std::find(codes.begin(), codes.end(), source.code) != codes.end())
        {
            tid.AddTraceSource(source.name,
                               source.help,
                               MakeTraceSourceAccessor(source.trace),
                               "ns3::RoceElement::PortTracedCallback");
        }
    }
}

bool
RoceElement::IsLaidOut() const
{
    return m_laidOut;
}

void
RoceElement::SetLaidOut()
{
    m_laidOut = true;
}

void
RoceElement::Notify(const DatapathEvent& event)
{
    for (const Source& source : SOURCES)
    {
        if (source.code == event.code)
        {
            (this->*source.trace)(
                TimeStep(event.time.ps), event.port, static_cast<uint32_t>(event.value));
        }
    }
}

TypeId
RoceSwitch::GetTypeId()
{
    static const TypeId tid = []
    {
        const TypeId made = TypeId("ns3::RoceSwitch")
                                .SetParent<RoceElement>()
                                .SetGroupName("Railyard")
                                .AddConstructor<RoceSwitch>();
        AddTraceSources(
            made,
            {RoceEvent::PauseSent, RoceEvent::ResumeSent, RoceEvent::Marked, RoceEvent::Dropped});
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

TypeId
RoceNic::GetTypeId()
{
    static const TypeId tid = []
    {
        const TypeId made = TypeId("ns3::RoceNic")
                                .SetParent<RoceElement>()
                                .SetGroupName("Railyard")
                                .AddConstructor<RoceNic>();
        AddTraceSources(
            made,
            {RoceEvent::MessageReceived, RoceEvent::MessageAcked, RoceEvent::QueuePairFailed});
        AddParameterAttributes(made, &RoceNic::m_nics);
        AddParameterAttributes(made, &RoceNic::m_maps);
        railyard::CongestionSettings settings;
        for (size_t i = 0; i < railyard::congestion_algorithms().size(); ++i)
        {
            const auto rows = settings.bind(i);
            for (size_t j = 0; j < rows.size(); ++j)
            {
                AddParameterAttribute(
                    made,
                    fmt::format("{}_{}", railyard::congestion_algorithms()[i].name, rows[j].name),
                    &RoceNic::m_congestion,
                    [i, j](railyard::CongestionSettings& of) { return of.bind(i)[j]; });
            }
        }
        return made;
    }();
    return tid;
}

RoceHostSettings
RoceNic::GetSettings() const
{
    return {m_nics, m_congestion, m_maps};
}

} // namespace ns3
