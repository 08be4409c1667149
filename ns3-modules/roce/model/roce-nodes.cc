// SPDX-License-Identifier: GPL-2.0-only
#include "roce-nodes.h"

#include "faulty-node.h"

#include "traffic/fabric/headrooms.h"
#include "traffic/units/random_stream.h"

#include <numeric>
#include <utility>

namespace ns3
{

using railyard::RandomStream;

namespace
{

/// A node, of which faulty links end at some of the fabric's if not at this one.
template <class Node, class... Arguments>
std::unique_ptr<Node>
MakeNode(bool faulty, Arguments&&... arguments)
{
    if (faulty)
    {
        return std::make_unique<FaultyNode<Node>>(std::forward<Arguments>(arguments)...);
    }
    return std::make_unique<Node>(std::forward<Arguments>(arguments)...);
}

/// Makes the nodes of one fabric.
class NodeMaker
{
  public:
    NodeMaker(const railyard::FabricPlan& plan,
              const RoceSettings& settings,
              const HostLayouts& layouts);

    /// Both ends of every link.
    std::vector<std::vector<DatapathPort>> WirePorts() const;
    std::unique_ptr<SwitchNode> MakeSwitch(uint32_t node, std::vector<DatapathPort>&& ports) const;
    std::unique_ptr<HostNode> MakeHost(uint32_t node, std::vector<DatapathPort>&& ports) const;
    void SetFaults(RoceNodeState& node) const;

  private:
    std::vector<uint16_t> TieRanks(uint32_t node, uint32_t ports) const;
    railyard::PortFaults FaultsAt(uint32_t node, uint32_t port) const;

    const railyard::FabricPlan& m_plan;
    const RoceSettings& m_settings;
    const HostLayouts& m_layouts;
    /// Of lossless priority groups, where none is configured: by node, then by port.
    std::vector<std::vector<railyard::Bytes>> m_headrooms;
    std::shared_ptr<const EndpointPlaces> m_places;
};

std::vector<std::vector<DatapathPort>>
NodeMaker::WirePorts() const
{
    std::vector<std::vector<DatapathPort>> ports(m_plan.nodes.size());
    for (uint32_t node = 0; node < ports.size(); ++node)
    {
        ports[node] = std::vector<DatapathPort>(m_plan.nodes[node].port_count);
        for (DatapathPort& port : ports[node])
        {
            port.peerNode = node; // until a link leads elsewhere; no route leads here
            port.peer = &port;
            port.latency = SimTime::never();
        }
    }
    const auto direct =
        [&](const railyard::FabricLink& link, railyard::FabricPort from, railyard::FabricPort to)
    {
        const bool toHost = !m_plan.is_switch(to.node);
        const SimTime fixed = toHost ? m_settings.NicsAt(to.node).nic_latency
                                     : m_settings.SwitchAt(to.node).pipeline_latency;
        DatapathPort& sender = ports[from.node][from.port];
        sender.latency = link.propagation + fixed;
        sender.ps_per_byte = static_cast<int32_t>(link.rate.ps_per_byte());
        sender.peerNode = to.node;
        sender.peer = &ports[to.node][to.port];
    };
    for (const railyard::FabricLink& link : m_plan.links)
    {
        direct(link, link.a, link.b);
        direct(link, link.b, link.a);
    }
    return ports;
}

std::vector<uint16_t>
NodeMaker::TieRanks(uint32_t node, uint32_t ports) const
{
    std::vector<uint16_t> ranks(ports);
    std::iota(ranks.begin(), ranks.end(), uint16_t{0});
    RandomStream random(m_settings.seed, RoceStream::Tie + node);
    for (uint32_t i = ports; i > 1; --i)
    {
        std::swap(ranks[i - 1], ranks[random.below(i)]);
    }
    return ranks;
}

std::vector<std::vector<railyard::Bytes>>
HeadroomsOf(const railyard::FabricPlan& plan, const RoceSettings& of)
{
    railyard::NodeSettings settings;
    settings.switch_at = [&of](uint32_t node) -> const railyard::SwitchSettings&
    { return of.SwitchAt(node); };
    settings.nic_at = [&of](uint32_t node) -> const railyard::NicSettings&
    { return of.NicsAt(node); };
    settings.mtu = of.LargestMtu();
    return railyard::headrooms_of(plan, settings);
}

NodeMaker::NodeMaker(const railyard::FabricPlan& plan,
                     const RoceSettings& settings,
                     const HostLayouts& layouts)
    : m_plan(plan),
      m_settings(settings),
      m_layouts(layouts),
      m_headrooms(HeadroomsOf(plan, settings)),
      m_places(std::make_shared<const EndpointPlaces>(plan))
{
}

std::unique_ptr<SwitchNode>
NodeMaker::MakeSwitch(uint32_t node, std::vector<DatapathPort>&& ports) const
{
    const auto count = static_cast<uint32_t>(ports.size());
    railyard::SwitchCore core(m_settings.SwitchAt(node),
                              m_headrooms[node],
                              RandomStream(m_settings.seed, RoceStream::Marking + node));
    auto made = MakeNode<SwitchNode>(!m_settings.linkFaults.empty(),
                                     node,
                                     std::move(ports),
                                     TieRanks(node, count),
                                     std::move(core));
    made->forwarding = ForwardingTable(
        m_places, m_plan.routes[node], railyard::equal_cost_salt(m_settings.seed, node));
    return made;
}

std::unique_ptr<HostNode>
NodeMaker::MakeHost(uint32_t node, std::vector<DatapathPort>&& ports) const
{
    const HostLayout& layout = m_layouts.Of(node);
    const auto count = static_cast<uint32_t>(ports.size());
    auto made = MakeNode<HostNode>(
        !m_settings.linkFaults.empty(), node, std::move(ports), TieRanks(node, count));
    made->pauses.resize(count);
    made->pauseRules = layout.pauseRules;
    made->rules = &layout.rules;
    made->nics.resize(count);
    return made;
}

railyard::PortFaults
NodeMaker::FaultsAt(uint32_t node, uint32_t port) const
{
    const auto found = m_settings.linkFaults.find(node);
    return found == m_settings.linkFaults.end() ? railyard::PortFaults{} : found->second[port];
}

void
NodeMaker::SetFaults(RoceNodeState& node) const
{
    for (const DatapathPort& port : node.ports)
    {
        // Ports beyond the 256 that lead out of a switch lead to its reducer.
        const uint64_t link =
            (uint64_t{node.id} << 8) + (port.index & 0xff) + (uint64_t{port.index} >> 8 << 30);
        const auto random = [&](uint64_t stream) { return RandomStream(m_settings.seed, stream); };
        FaultyEnd end{railyard::FaultyLink(random(RoceStream::OutFault + link)),
                      railyard::FaultyLink(random(RoceStream::InFault + link))};
        end.out.set(FaultsAt(port.peerNode, port.peer->index).out);
        end.in.set(FaultsAt(node.id, port.index).in);
        node.faultyEnds.push_back(std::move(end));
    }
}

} // namespace

RoceNodes::RoceNodes(const railyard::FabricPlan& plan,
                     const RoceSettings& settings,
                     const HostLayouts& layouts)
    : switches(plan.nodes.size(), nullptr),
      hosts(plan.station_count(), nullptr)
{
    const NodeMaker maker(plan, settings, layouts);
    std::vector<std::vector<DatapathPort>> ports = maker.WirePorts();
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        std::unique_ptr<RoceNodeState> made;
        if (plan.is_switch(node))
        {
            auto madeSwitch = maker.MakeSwitch(node, std::move(ports[node]));
            switches[node] = madeSwitch.get();
            made = std::move(madeSwitch);
        }
        else
        {
            auto host = maker.MakeHost(node, std::move(ports[node]));
            hosts[plan.station_of(node)] = host.get();
            made = std::move(host);
        }
        all.push_back(made.get());
        owned.push_back(std::move(made));
    }
    for (size_t node = 0; node < all.size() && !settings.linkFaults.empty(); ++node)
    {
        maker.SetFaults(*all[node]);
    }
}

} // namespace ns3
