// SPDX-License-Identifier: GPL-2.0-only
#include "roce-fabric.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "traffic/protocol/transport/flow_entropy.h"

#include "ns3/abort.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{

RoceFabric::RoceFabric(const railyard::FabricPlan& plan, const RoceSettings& settings)
    : m_plan(plan),
      m_seed(settings.seed),
      m_layouts(settings),
      m_nodes(plan, settings, m_layouts)
{
}

uint32_t
RoceFabric::AddFlow(uint32_t sourceEndpoint,
                    uint32_t destinationEndpoint,
                    const RoceFlowClass& flowClass)
{
    NS_ABORT_MSG_UNLESS(
        sourceEndpoint < m_plan.endpoint_count() && destinationEndpoint < m_plan.endpoint_count() &&
            sourceEndpoint != destinationEndpoint,
        "AddFlow: endpoints " << sourceEndpoint << " and " << destinationEndpoint << " of "
                              << m_plan.endpoint_count() << " must exist and differ");
    const auto flow = static_cast<uint32_t>(m_senders.size());
    const railyard::FlowEntropy entropy = railyard::flow_entropy(m_seed, flow);
    const uint32_t host = sourceEndpoint / m_plan.nics_per_host;

    FlowSender sender;
    sender.queue.flow = flow;
    sender.queue.dst = destinationEndpoint;
    sender.queue.entropy = entropy.data;
    sender.port = static_cast<uint16_t>(sourceEndpoint % m_plan.nics_per_host);
    HostNode& from = *m_nodes.hosts[host];
    const auto line = railyard::BitRate::of_ps_per_byte(from.ports[sender.port].ps_per_byte);
    sender.lay_out(
        m_layouts.Of(host).ClassOf(flowClass), from.nics[sender.port].senderStates, line);
    m_senders.push_back(std::move(sender));

    FlowReceiver receiver;
    receiver.replyTo = sourceEndpoint;
    receiver.replyEntropy = entropy.answers;
    const uint32_t destination = destinationEndpoint / m_plan.nics_per_host;
    receiver.port = static_cast<uint16_t>(destinationEndpoint % m_plan.nics_per_host);
    const railyard::FlowClass received = m_layouts.Of(destination).ClassOf(flowClass);
    receiver.control.start(*received.algorithm,
                           received.settings,
                           sourceEndpoint,
                           m_nodes.hosts[destination]->nics[receiver.port].receiverStates);
    m_receivers.push_back(receiver);
    if (m_installed)
    {
        SetFlows();
    }
    return flow;
}

void
RoceFabric::SetApplication(uint32_t host, HostApplication* application)
{
    m_nodes.hosts[host]->application = application;
}

void
RoceFabric::Install()
{
    FabricSimulatorImpl* engine = FabricSimulatorImpl::Get();
    NS_ABORT_MSG_UNLESS(
        engine != nullptr,
        "The simulator in use cannot run a RoCE fabric: bind SimulatorImplementationType to "
        "ns3::WindowSimulatorImpl before the simulation is set up");
    SetFlows();
    engine->SetNodes(std::move(m_nodes.owned));
    m_installed = true;
    for (uint32_t host = 0; host < m_nodes.hosts.size(); ++host)
    {
        if (m_nodes.hosts[host]->application != nullptr)
        {
            engine->SetNodeTimer(host, Time(0), HostNode::StartTimer());
        }
    }
}

void
RoceFabric::SetFlows()
{
    for (HostNode* host : m_nodes.hosts)
    {
        host->senders = m_senders.data();
        host->receivers = m_receivers.data();
    }
}

void
RoceFabric::WakeApplication(uint32_t host, const Time& time)
{
    FabricSimulatorImpl::Get()->SetNodeTimer(host, time, HostNode::StartTimer());
}

RocePortStatistics
RoceFabric::PortStatistics(uint32_t node, uint32_t port) const
{
    RocePortStatistics statistics;
    const DatapathPort& p = m_nodes.all[node]->ports[port];
    statistics.sent = p.counters;
    const SwitchNode* at = m_nodes.switches[node];
    if (at != nullptr)
    {
        statistics.switching = at->core.counters(port);
    }
    if (!m_nodes.all[node]->faultyEnds.empty())
    {
        const FaultyEnd& end = m_nodes.all[node]->faultyEnds[port];
        auto& drops = statistics.switching.drops;
        drops[static_cast<size_t>(railyard::DropReason::LinkFault)] =
            end.out.counters().dropped + end.in.counters().dropped;
        drops[static_cast<size_t>(railyard::DropReason::BadIcrc)] = end.badIcrc;
    }
    const railyard::PauseState& pause =
        at != nullptr ? at->core.pauses(port) : m_nodes.all[node]->pauses[port];
    statistics.pauses = pause.count();
    statistics.paused = pause.total(SimTime{Simulator::Now().GetTimeStep()});
    return statistics;
}

railyard::Allowance
RoceFabric::AllowanceOf(uint32_t flow) const
{
    return m_senders[flow].rate.at(railyard::SimTime{Simulator::Now().GetTimeStep()});
}

RoceTransportStatistics
RoceFabric::TransportStatistics() const
{
    RoceTransportStatistics statistics;
    for (const FlowSender& sender : m_senders)
    {
        statistics.retransmitted += sender.queue.retransmitted;
    }
    for (const FlowReceiver& receiver : m_receivers)
    {
        statistics.nacks += receiver.nacks;
        statistics.cnps += receiver.cnps;
    }
    for (const HostNode* host : m_nodes.hosts)
    {
        statistics.timeouts += host->timeouts;
    }
    return statistics;
}

void
RoceFabric::LogTraces()
{
    for (RoceNodeState* node : m_nodes.all)
    {
        node->logTraces = true;
    }
}

} // namespace ns3
