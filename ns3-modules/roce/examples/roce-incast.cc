// SPDX-License-Identifier: GPL-2.0-only
// Many hosts of a leaf-spine fabric send to one, by RoCE with PFC and DCQCN: what the messages
// take, how deep the queue before the receiver gets, and how often links are paused.
//
//     roce-incast --senders=16 --congestionControl=none
//     roce-incast --ns3::RoceNic::DcqcnRpgAiRate=5Mbps --RngRun=2
//     roce-incast --SimulatorImplementationType=ns3::ReferenceSimulatorImpl

#include "ns3-modules/roce/helper/roce-fabric-helper.h"

#include "ns3/core-module.h"

#include <algorithm>
#include <iostream>
#include <string>

using namespace ns3;

namespace
{

struct Counts
{
    uint32_t messagesLeft = 0;
    Time posted = MicroSeconds(10);
    uint64_t marks = 0;
    uint64_t pauses = 0;
    uint32_t deepestQueue = 0; ///< bytes, of all samples
};

void
OnMessage(Counts* counts, Time now, uint32_t /* nic */, uint32_t flow)
{
    --counts->messagesLeft;
    std::cout << now.As(Time::US) << "  from host" << flow + 1 << " after "
              << (now - counts->posted).As(Time::US) << "\n";
}

void
OnMark(Counts* counts, Time /* now */, uint32_t /* port */, uint32_t /* flow */)
{
    ++counts->marks;
}

void
OnPause(Counts* counts, Time /* now */, uint32_t /* port */, uint32_t /* priority */)
{
    ++counts->pauses;
}

/// An ordinary event: it sees the whole fabric at its instant.
void
SampleQueue(Counts* counts, Ptr<RoceNetwork> network, uint32_t node, uint32_t port)
{
    const uint32_t bytes = network->GetFabric().QueuedBytes(node, port);
    counts->deepestQueue = std::max(counts->deepestQueue, bytes);
    if (counts->messagesLeft > 0)
    {
        Simulator::Schedule(MicroSeconds(1), &SampleQueue, counts, network, node, port);
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    GlobalValue::Bind("SimulatorImplementationType", StringValue("ns3::WindowSimulatorImpl"));

    uint32_t senders = 8;
    uint64_t messageBytes = 1 << 20;
    std::string congestionControl = "dcqcn";
    CommandLine cmd(__FILE__);
    cmd.AddValue("senders", "Hosts that send to host 0", senders);
    cmd.AddValue("messageBytes", "What each sends", messageBytes);
    cmd.AddValue("congestionControl", "none or dcqcn", congestionControl);
    cmd.Parse(argc, argv);

    RoceFabricHelper fabric;
    fabric.SetFabricAttribute("Kind", StringValue("leaf-spine"));
    fabric.SetFabricAttribute("Leaves", UintegerValue(2));
    fabric.SetFabricAttribute("Spines", UintegerValue(2));
    fabric.SetFabricAttribute("HostsPerLeaf", UintegerValue(senders / 2 + 1));
    fabric.SetSwitchAttribute("PoolSize", StringValue("4MiB"));
    fabric.SetNicAttribute("CongestionControl", StringValue(congestionControl));
    const Ptr<RoceNetwork> network = fabric.Install();

    Counts counts;
    counts.messagesLeft = senders;
    for (uint32_t host = 1; host <= senders; ++host)
    {
        const uint32_t flow = network->AddFlow(host, 0); // one NIC a host: endpoints are hosts
        Simulator::Schedule(counts.posted, &RoceNetwork::Post, network, flow, messageBytes);
    }
    Config::ConnectWithoutContext("/NodeList/0/$ns3::RoceNic/MessageReceived",
                                  MakeBoundCallback(&OnMessage, &counts));
    const std::string switches = "/NodeList/*/$ns3::RoceSwitch/";
    Config::ConnectWithoutContext(switches + "Marked", MakeBoundCallback(&OnMark, &counts));
    Config::ConnectWithoutContext(switches + "PauseSent", MakeBoundCallback(&OnPause, &counts));
    // Switches come after the hosts, and a leaf's first ports lead to its hosts: this one to host
    // 0.
    const uint32_t leaf = network->GetPlan().host_count;
    Simulator::Schedule(counts.posted, &SampleQueue, &counts, network, leaf, 0);

    std::cout << senders << " senders among " << leaf << " hosts\n";
    Simulator::Run();

    std::cout << "deepest queue before host0: " << counts.deepestQueue << " B\n"
              << "frames marked: " << counts.marks << "\n"
              << "CNPs: " << network->GetFabric().TransportStatistics().cnps << "\n"
              << "pauses: " << counts.pauses << "\n";
    Simulator::Destroy();
    return counts.messagesLeft == 0 ? 0 : 1;
}
