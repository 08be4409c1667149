// SPDX-License-Identifier: GPL-2.0-only
// What the tests of the ns-3 objects share.
#pragma once

#include "ns3-modules/roce/helper/roce-fabric-helper.h"

#include "ns3/config.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <gtest/gtest.h>
#include <string>

namespace ns3
{

/// One simulation in the engine of the given name, which ends with the scope.
class Simulation
{
  public:
    explicit Simulation(const std::string& engine = "ns3::WindowSimulatorImpl")
    {
        if (Time::GetResolution() != Time::PS) // ns-3 lets it be set once
        {
            Time::SetResolution(Time::PS);
        }
        GlobalValue::Bind("SimulatorImplementationType", StringValue(engine));
    }

    ~Simulation()
    {
        Simulator::Destroy();
        Config::Reset();
    }

    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
};

/// Four hosts on each of two leaves, with buffers small enough for pauses.
inline RoceFabricHelper
SmallFabric()
{
    RoceFabricHelper fabric;
    fabric.SetFabricAttribute("HostsPerLeaf", UintegerValue(4));
    fabric.SetSwitchAttribute("PoolSize", StringValue("400kB"));
    return fabric;
}

/// The other seven hosts send to host 0.
inline void
PostIncast(Ptr<RoceNetwork> network, uint64_t messageBytes)
{
    for (uint32_t host = 1; host < network->GetHosts().GetN(); ++host)
    {
        network->Post(network->AddFlow(host, 0), messageBytes);
    }
}

/// A test that both engines must pass; see EACH_ENGINE.
class EachEngineTest : public testing::TestWithParam<const char*>
{
  protected:
    Simulation simulation{GetParam()};
};

/// "Window" of "ns3::WindowSimulatorImpl".
inline std::string
ShortName(const testing::TestParamInfo<const char*>& engine)
{
    const std::string name = engine.param;
    const size_t start = name.find("::") + 2;
    return name.substr(start, name.find("Simulator") - start);
}

/// Runs the tests of a suite in both engines.
#define EACH_ENGINE(suite)                                                                         \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        Engines,                                                                                   \
        suite,                                                                                     \
        testing::Values("ns3::WindowSimulatorImpl", "ns3::ReferenceSimulatorImpl"),                \
        ShortName)

} // namespace ns3
