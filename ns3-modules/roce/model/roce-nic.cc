// SPDX-License-Identifier: GPL-2.0-only
#include "roce-nic.h"

#include "roce-network.h"

#include "ns3-modules/fabric/helper/parameter-attributes.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

#include "ns3/simulator.h"

#include <vector>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceNic);

/// The host's application in the datapath: posts what control events have left for it.
class RoceNic::Poster : public HostApplication
{
  public:
    std::vector<HostActions::Post> left;

    void OnWake(int64_t /* now */, HostActions& actions) override
    {
        actions.posts.swap(left);
        left.clear();
    }

    void OnMessageReceived(uint32_t /* flow */, int64_t /* now */, HostActions&) override
    {
    }

    void OnMessageAcked(uint32_t /* flow */, int64_t /* now */, HostActions&) override
    {
    }
};

namespace
{

/// The rows of every algorithm, each with the algorithm's name before its own.
std::vector<AttributeRow<railyard::CongestionSettings>>
CongestionRows()
{
    std::vector<AttributeRow<railyard::CongestionSettings>> rows;
    railyard::CongestionSettings settings;
    for (size_t i = 0; i < railyard::congestion_algorithms().size(); ++i)
    {
        const std::string prefix = std::string(railyard::congestion_algorithms()[i].name) + "_";
        const auto bound = settings.bind(i);
        for (size_t j = 0; j < bound.size(); ++j)
        {
            rows.push_back({prefix + std::string(bound[j].name),
                            [i, j](railyard::CongestionSettings& of) { return of.bind(i)[j]; }});
        }
    }
    return rows;
}

} // namespace

TypeId
RoceNic::GetTypeId()
{
    static const TypeId tid = []
    {
        TypeId made = TypeId("ns3::RoceNic")
                          .SetParent<RoceElement>()
                          .SetGroupName("Railyard")
                          .AddConstructor<RoceNic>()
                          .AddTraceSource("MessageReceived",
                                          "A message to this host has arrived in full",
                                          MakeTraceSourceAccessor(&RoceNic::m_messageReceived),
                                          "ns3::RoceNic::FlowTracedCallback")
                          .AddTraceSource("MessageAcked",
                                          "A message from this host was acknowledged in full",
                                          MakeTraceSourceAccessor(&RoceNic::m_messageAcked),
                                          "ns3::RoceNic::FlowTracedCallback")
                          .AddTraceSource("QueuePairFailed",
                                          "A queue pair of this host gave up after RetryCnt tries",
                                          MakeTraceSourceAccessor(&RoceNic::m_queuePairFailed),
                                          "ns3::RoceNic::FlowTracedCallback");
        AddParameterAttributes(made, &RoceNic::m_nics);
        AddParameterAttributes(made, &RoceNic::m_congestion, CongestionRows());
        AddParameterAttributes(made, &RoceNic::m_maps);
        return made;
    }();
    return tid;
}

RoceNic::RoceNic()
    : m_poster(std::make_unique<Poster>())
{
}

RoceNic::~RoceNic() = default;

RoceHostSettings
RoceNic::GetSettings() const
{
    return {m_nics, m_congestion, m_maps};
}

void
RoceNic::OnLaidOut(RoceFabric& fabric)
{
    RoceElement::OnLaidOut(fabric);
    fabric.SetApplication(GetIndex(), m_poster.get());
}

void
RoceNic::Post(uint32_t flow, uint64_t bytes)
{
    // As an event, so that a trace sink's attempt is refused, and that before the run is not lost.
    Simulator::ScheduleNow(&RoceNic::DoPost, this, flow, bytes);
}

void
RoceNic::DoPost(uint32_t flow, uint64_t bytes)
{
    m_poster->left.push_back({flow, bytes});
    GetNetwork()->GetFabric().WakeApplication(GetIndex(), Simulator::Now());
}

void
RoceNic::Notify(const DatapathEvent& event)
{
    const auto flow = static_cast<uint32_t>(event.value);
    switch (event.code)
    {
    case RoceEvent::MessageReceived:
        m_messageReceived(TimeStep(event.time), flow);
        break;
    case RoceEvent::MessageAcked:
        m_messageAcked(TimeStep(event.time), flow);
        break;
    case RoceEvent::QueuePairFailed:
        m_queuePairFailed(TimeStep(event.time), flow);
        break;
    default:
        RoceElement::Notify(event);
        break;
    }
}

} // namespace ns3
