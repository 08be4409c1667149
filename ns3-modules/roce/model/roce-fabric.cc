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
    NS_ABORT_MSG_IF(m_laterFlows != nullptr, "AddFlow: flows that are added come first");
    const auto flow = static_cast<uint32_t>(m_senders.size());
    const RoceFlow of{sourceEndpoint, destinationEndpoint, flowClass};
    LayOut(flow, of, m_senders.emplace_back());
    LayOut(flow, of, m_receivers.emplace_back());
    if (m_installed)
    {
        SetFlows();
    }
    return flow;
}

void
RoceFabric::LayOut(uint32_t flow, const RoceFlow& of, FlowSender& to)
{
    const railyard::FabricPort nic = m_plan.port_of(of.source);
    to.queue.flow = flow;
    to.queue.dst = of.destination;
    to.queue.entropy = railyard::flow_entropy(m_seed, flow).data;
    to.port = static_cast<uint16_t>(nic.port);
    HostNode& from = *m_nodes.hosts[m_plan.station_of(nic.node)];
    to.lay_out(m_layouts.Of(nic.node).ClassOf(of.flowClass),
               from.nics[to.port].senderStates,
               LineRate(nic, of.destination));
}

railyard::BitRate
RoceFabric::LineRate(railyard::FabricPort nic, uint32_t destination) const
{
    const DatapathPort* port = &m_nodes.all[nic.node]->ports[nic.port];
    if (nic.node >= m_plan.first_reducer())
    {
        // It is within the switch: what it sends goes at the rate of the port by which it leaves.
        const railyard::FabricRoutes& routes = m_plan.routes[port->peerNode];
        const uint16_t by = routes.groups[routes.group_of[destination]].front();
        port = &m_nodes.all[port->peerNode]->ports[by];
    }
    return railyard::BitRate::of_ps_per_byte(port->ps_per_byte);
}

void
RoceFabric::LayOut(uint32_t flow, const RoceFlow& of, FlowReceiver& to)
{
    const railyard::FabricPort nic = m_plan.port_of(of.destination);
    to.replyTo = of.source;
    to.replyEntropy = railyard::flow_entropy(m_seed, flow).answers;
    to.port = static_cast<uint16_t>(nic.port);
    const railyard::FlowClass received = m_layouts.Of(nic.node).ClassOf(of.flowClass);
    to.control.start(*received.algorithm,
                     received.settings,
                     of.source,
                     m_nodes.hosts[m_plan.station_of(nic.node)]->nics[to.port].receiverStates);
}

void
RoceFabric::MakeSender(uint32_t flow, FlowSender& to)
{
    FlowSender fresh;
    fresh.rate = to.rate; // with the room for its state
    fresh.queue.messages = std::move(to.queue.messages);
    to = std::move(fresh);
    LayOut(flow, m_laterFlows->FlowAt(flow), to);
}

void
RoceFabric::MakeReceiver(uint32_t flow, FlowReceiver& to)
{
    FlowReceiver fresh;
    fresh.control = to.control; // likewise
    to = fresh;
    LayOut(flow, m_laterFlows->FlowAt(flow), to);
}

void
RoceFabric::ReserveFlows(uint32_t count)
{
    m_senders.reserve(count);
    m_receivers.reserve(count);
}

void
RoceFabric::SetLaterFlows(const RoceFlowSource& source)
{
    m_laterFlows = &source;
    QueuePairMaker& maker = *this;
    for (HostNode* host : m_nodes.hosts)
    {
        host->heldFlows = static_cast<uint32_t>(m_senders.size());
        host->laterFlows = std::make_unique<HostFlows>(maker);
    }
}

HostNode&
RoceFabric::SourceOf(uint32_t flow) const
{
    const railyard::FabricPort nic = m_plan.port_of(m_laterFlows->FlowAt(flow).source);
    return *m_nodes.hosts[m_plan.station_of(nic.node)];
}

void
RoceFabric::KeepFlow(uint32_t flow)
{
    if (flow >= m_senders.size())
    {
        SourceOf(flow).laterFlows->Keep(flow);
    }
}

void
RoceFabric::SetApplication(uint32_t station, HostApplication* application)
{
    m_nodes.hosts[station]->application = application;
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
    for (const HostNode* host : m_nodes.hosts)
    {
        if (host->application != nullptr)
        {
            engine->SetNodeTimer(host->id, Time(0), HostNode::StartTimer());
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
    const FlowSender& sender =
        flow < m_senders.size() ? m_senders[flow] : *SourceOf(flow).laterFlows->FindSender(flow);
    return sender.rate.at(railyard::SimTime{Simulator::Now().GetTimeStep()});
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
        if (host->laterFlows != nullptr)
        {
            statistics.retransmitted += host->laterFlows->Retransmitted();
            statistics.nacks += host->laterFlows->Nacks();
            statistics.cnps += host->laterFlows->Cnps();
        }
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
