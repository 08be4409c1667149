// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/fabric/model/path.h"

#include "ns3-modules/fabric/test/fabric-test-plans.h"

#include "traffic/protocol/wire/packet.h"

#include <deque>
#include <functional>
#include <queue>

namespace ns3
{
namespace
{

using railyard::BitRate;
using railyard::Bytes;
using railyard::NicSettings;
using railyard::SimTime;
using railyard::SwitchSettings;

/// An event-driven simulation of one message over a chain of links: the oracle, with no closed form
/// in it.
class Chain
{
  public:
    Chain(const FabricPlan& plan, std::vector<uint32_t> links, SimTime pipeline, SimTime nic)
        : m_plan(plan),
          m_links(std::move(links)),
          m_pipeline(pipeline),
          m_nic(nic),
          m_queues(m_links.size()),
          m_busy(m_links.size(), false)
    {
    }

    int64_t Send(uint64_t bytes, uint32_t mtu)
    {
        bool first = true;
        do
        {
            const auto payload = static_cast<uint32_t>(std::min<uint64_t>(bytes, mtu));
            bytes -= payload;
            Enqueue(0, 0, railyard::wire::data_frame_bytes(payload, first));
            first = false;
        } while (bytes > 0);
        while (!m_events.empty())
        {
            const Event event = m_events.top();
            m_events.pop();
            event.action(event.time);
        }
        return m_received;
    }

  private:
    struct Event
    {
        int64_t time;
        uint64_t sequence;
        std::function<void(int64_t)> action;

        bool operator<(const Event& other) const
        {
            return std::tie(time, sequence) > std::tie(other.time, other.sequence);
        }
    };

    void At(int64_t time, std::function<void(int64_t)> action)
    {
        m_events.push({time, m_sequence++, std::move(action)});
    }

    void Enqueue(size_t hop, int64_t now, uint32_t frame)
    {
        m_queues[hop].push_back(frame);
        if (!m_busy[hop])
        {
            Transmit(hop, now);
        }
    }

    void Transmit(size_t hop, int64_t now)
    {
        const FabricLink& link = m_plan.links[m_links[hop]];
        const uint32_t frame = m_queues[hop].front();
        m_queues[hop].pop_front();
        m_busy[hop] = true;
        const int64_t sent = now + railyard::serialisation_ps(frame, link.rate.ps_per_byte());
        At(sent,
           [this, hop](int64_t t)
           {
               m_busy[hop] = false;
               if (!m_queues[hop].empty())
               {
                   Transmit(hop, t);
               }
           });
        At(sent + link.propagation.ps,
           [this, hop, frame](int64_t t)
           {
               if (hop + 1 == m_links.size())
               {
                   m_received = t + m_nic.ps;
                   return;
               }
               At(t + m_pipeline.ps,
                  [this, hop, frame](int64_t ready) { Enqueue(hop + 1, ready, frame); });
           });
    }

    const FabricPlan& m_plan;
    std::vector<uint32_t> m_links;
    SimTime m_pipeline;
    SimTime m_nic;
    std::vector<std::deque<uint32_t>> m_queues; ///< by hop
    std::vector<bool> m_busy;                   ///< by hop
    std::priority_queue<Event> m_events;
    uint64_t m_sequence = 0;
    int64_t m_received = 0;
};

void
ExpectAgreement(const FabricPlan& plan, uint32_t from, uint32_t to)
{
    for (uint32_t mtu : {256u, 1000u, 4096u})
    {
        NicSettings nics;
        nics.mtu = mtu;
        const SwitchSettings switches;
        const FabricPaths paths(plan, nics, switches);
        for (uint64_t bytes :
             {0u, 1u, 255u, 1000u, 1001u, 4096u, 8192u, 8193u, 12289u, 1048576u, 999999u})
        {
            Chain chain(
                plan, paths.LinksBetween(from, to), switches.pipeline_latency, nics.nic_latency);
            EXPECT_EQ(paths.CompletionTime(from, to, Bytes{bytes}).ps, chain.Send(bytes, mtu))
                << bytes << " B in packets of " << mtu;
        }
    }
}

TEST(CompletionTime, AgreesWithASimulationToThePicosecond)
{
    const FabricPlan tree = MustBuild(FatTree(8));
    ExpectAgreement(tree, 0, 1);
    ExpectAgreement(tree, 0, 5);
    ExpectAgreement(tree, 0, 127);
}

TEST(CompletionTime, AgreesWhereLinksDifferInRate)
{
    FabricSettings settings = LeafSpine(2, 2, 4);
    settings.uplinkRate = BitRate::gigabits(400);
    ExpectAgreement(MustBuild(settings), 0, 7);
    settings.uplinkRate = BitRate::gigabits(25);
    ExpectAgreement(MustBuild(settings), 0, 7);

    FabricPlan uneven = MustBuild(FatTree(4));
    const uint64_t gigabits[] = {400, 100, 25, 50, 10, 200};
    for (size_t i = 0; i < uneven.links.size(); ++i)
    {
        uneven.links[i].rate = BitRate::gigabits(gigabits[i * 7 % 6]);
        uneven.links[i].propagation = SimTime::nanoseconds(static_cast<int64_t>(100 + i * 37));
    }
    for (uint32_t to = 1; to < 16; ++to)
    {
        ExpectAgreement(uneven, 0, to);
    }
}

TEST(CompletionTime, IsTheWorkedFigureOnOneSwitch)
{
    // 4096 B + RETH at 100 Gb/s on two links of 500 ns, pipeline 400 ns, NIC 500 ns.
    const FabricPlan plan = MustBuild(LeafSpine(1, 0, 2));
    const FabricPaths paths(plan, {}, {});
    EXPECT_EQ(paths.CompletionTime(0, 1, Bytes{4096}).ps,
              2 * (4096 + 62 + 16 + 20) * 80 + 1'000'000 + 400'000 + 500'000);
}

TEST(CompletionTime, LeavesRoomForOneMessageOfAnIncast)
{
    // 1 MiB at 100 Gb/s holds the last link for (256 * 4178 + 16) * 80 ps; the rest is one way
    // without it.
    const FabricPlan plan = MustBuild(FatTree(10));
    const FabricPaths paths(plan, {}, {});
    const int64_t lastLink = (256 * 4178 + 16) * 80;
    EXPECT_EQ(paths.CompletionTime(0, 249, Bytes{1 << 20}).ps - lastLink,
              5 * (4178 + 16) * 80 + 6 * 500'000 + 5 * 400'000 + 500'000);
}

} // namespace
} // namespace ns3
