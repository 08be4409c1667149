// SPDX-License-Identifier: GPL-2.0-only
// Ordinary ns-3 events work under the fabric engines as they do under ns-3's own simulator.
#include "roce-test.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <vector>

namespace ns3
{
namespace
{

/// A sequence of everything that Simulator offers; logs what it observes.
class Script
{
  public:
    std::vector<std::string> Run(bool withFabric)
    {
        if (withFabric)
        {
            PostIncast(SmallFabric().Install(), 100'000);
        }
        Simulator::ScheduleDestroy(&Script::Say, this, "destroy");
        m_cancelledDestroy = Simulator::ScheduleDestroy(&Script::Say, this, "never: destroy");
        Simulator::Schedule(MicroSeconds(1), &Script::First, this);
        Simulator::Schedule(MicroSeconds(1), &Script::Say, this, "second of 1 us");
        Simulator::ScheduleWithContext(77, MicroSeconds(2), &Script::Say, this, "in context 77");
        m_cancelled = Simulator::Schedule(MicroSeconds(3), &Script::Say, this, "never: cancelled");
        m_removed = Simulator::Schedule(MicroSeconds(3), &Script::Say, this, "never: removed");
        m_kept = Simulator::Schedule(MicroSeconds(30), &Script::Say, this, "kept");
        Simulator::Schedule(MicroSeconds(40), &Script::Say, this, "before stop, same time");
        Simulator::Stop(MicroSeconds(40));
        m_afterStop = Simulator::Schedule(MicroSeconds(40), &Script::Say, this, "after stop");
        Look("before the run");
        Simulator::Run();
        Look("stopped");
        Simulator::Stop(MicroSeconds(5));
        Simulator::Run();
        Look("stopped again");
        Simulator::Remove(m_cancelledDestroy);
        Simulator::Destroy();
        return m_log;
    }

  private:
    void Say(std::string what)
    {
        m_log.push_back(
            fmt::format("{} {} {}", Simulator::Now().GetTimeStep(), Simulator::GetContext(), what));
    }

    void Look(std::string when)
    {
        Say(when);
        for (const EventId* id : {&m_cancelled, &m_removed, &m_kept, &m_afterStop, &m_own})
        {
            m_log.push_back(fmt::format("  expired {} left {}",
                                        Simulator::IsExpired(*id),
                                        Simulator::GetDelayLeft(*id).GetTimeStep()));
        }
    }

    void First()
    {
        Say("first of 1 us");
        Simulator::Cancel(m_cancelled);
        Simulator::Remove(m_removed);
        Simulator::ScheduleNow(&Script::Say, this, "now");
        m_own = Simulator::Schedule(NanoSeconds(1), &Script::Own, this);
        Look("in the first");
    }

    void Own()
    {
        Look("its own event");
        Simulator::Cancel(m_own); // while it runs: without effect
        Simulator::Schedule(MicroSeconds(4), &Script::Own2, this);
    }

    void Own2()
    {
        Look("later");
        m_own = Simulator::Schedule(PicoSeconds(7), &Script::Say, this, "7 ps later");
    }

    std::vector<std::string> m_log;
    EventId m_cancelledDestroy;
    EventId m_cancelled;
    EventId m_removed;
    EventId m_kept;
    EventId m_afterStop;
    EventId m_own;
};

std::vector<std::string>
RunScript(const char* engine, bool withFabric = false)
{
    const Simulation simulation(engine);
    return Script().Run(withFabric);
}

TEST(Ns3Events, BehaveAsUnderNs3sOwnSimulator)
{
    const std::vector<std::string> expected = RunScript("ns3::DefaultSimulatorImpl");
    EXPECT_THAT(expected, testing::Contains("40000000 4294967295 stopped"));
    EXPECT_EQ(RunScript("ns3::WindowSimulatorImpl"), expected);
    EXPECT_EQ(RunScript("ns3::ReferenceSimulatorImpl"), expected);
}

TEST(Ns3Events, AreNotMovedByAFabric)
{
    const std::vector<std::string> expected = RunScript("ns3::DefaultSimulatorImpl");
    EXPECT_EQ(RunScript("ns3::WindowSimulatorImpl", true), expected);
    EXPECT_EQ(RunScript("ns3::ReferenceSimulatorImpl", true), expected);
}

} // namespace
} // namespace ns3
