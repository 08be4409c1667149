// SPDX-License-Identifier: GPL-2.0-only
// Collects what all trace sources of a fabric say, and counts what its ports count.
#pragma once

#include "roce-test.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

namespace ns3
{

/// Whatever a trace source says, in one form.
struct Traced
{
    Time time;
    Time now; ///< Simulator::Now() in the sink
    std::string path;
    uint32_t port;
    uint32_t value;

    friend bool operator==(const Traced& x, const Traced& y)
    {
        return std::tie(x.time, x.now, x.path, x.port, x.value) ==
               std::tie(y.time, y.now, y.path, y.port, y.value);
    }
};

using TraceLog = std::vector<Traced>;

inline void
OnEvent(TraceLog* log, std::string path, Time time, uint32_t port, uint32_t value)
{
    log->push_back({time, Simulator::Now(), path, port, value});
}

inline void
ConnectAll(TraceLog* log)
{
    const auto connect = [&](const char* type, std::initializer_list<const char*> sources)
    {
        for (const std::string source : sources)
        {
            Config::Connect("/NodeList/*/$ns3::" + std::string(type) + "/" + source,
                            MakeBoundCallback(&OnEvent, log));
        }
    };
    connect("RoceSwitch",
            {"PauseSent", "ResumeSent", "PauseStarted", "PauseEnded", "Marked", "Dropped"});
    connect("RoceNic",
            {"PauseStarted", "PauseEnded", "MessageReceived", "MessageAcked", "QueuePairFailed"});
}

inline uint64_t
Count(const TraceLog& log, const std::string& source)
{
    return std::count_if(log.begin(),
                         log.end(),
                         [&](const Traced& t)
                         { return t.path.substr(t.path.rfind('/') + 1) == source; });
}

struct Totals
{
    uint64_t marked = 0;
    uint64_t dropped = 0;
    uint64_t pausesSent = 0;
    uint64_t pauses = 0;
};

/// Of the ports of these nodes of the plan.
inline Totals
TotalsOf(Ptr<RoceNetwork> network, uint32_t begin, uint32_t end)
{
    Totals totals;
    for (uint32_t node = begin; node < end; ++node)
    {
        for (uint32_t port = 0; port < network->GetPlan().nodes[node].port_count; ++port)
        {
            const RocePortStatistics s = network->GetFabric().PortStatistics(node, port);
            totals.marked += s.switching.ecn_marked;
            totals.dropped +=
                std::accumulate(s.switching.drops.begin(), s.switching.drops.end(), uint64_t{0});
            totals.pausesSent += s.switching.pauses_sent;
            totals.pauses += s.pauses;
        }
    }
    return totals;
}

inline Totals
TotalsOfAll(Ptr<RoceNetwork> network)
{
    return TotalsOf(network, 0, static_cast<uint32_t>(network->GetPlan().nodes.size()));
}

} // namespace ns3
