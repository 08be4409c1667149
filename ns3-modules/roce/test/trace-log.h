// SPDX-License-Identifier: GPL-2.0-only
// Collects what all trace sources of a fabric say, and counts what its ports count.
#pragma once

#include "roce-test.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

namespace ns3
{

/// Whatever a trace source says, in one form.
struct Traced
{
    int64_t time;
    int64_t now; ///< Simulator::Now() in the sink
    std::string path;
    uint64_t a;
    uint64_t b;

    friend bool operator==(const Traced& x, const Traced& y)
    {
        return std::tie(x.time, x.now, x.path, x.a, x.b) ==
               std::tie(y.time, y.now, y.path, y.a, y.b);
    }
};

using TraceLog = std::vector<Traced>;

inline void
OnPort(TraceLog* log, std::string path, Time time, uint32_t port, uint32_t value)
{
    log->push_back({time.GetTimeStep(), Simulator::Now().GetTimeStep(), path, port, value});
}

inline void
OnDrop(TraceLog* log, std::string path, Time time, uint32_t port, railyard::DropReason reason)
{
    OnPort(log, path, time, port, static_cast<uint32_t>(reason));
}

inline void
OnFlow(TraceLog* log, std::string path, Time time, uint32_t flow)
{
    OnPort(log, path, time, flow, 0);
}

inline void
ConnectAll(TraceLog* log)
{
    const std::string switches = "/NodeList/*/$ns3::RoceSwitch/";
    const std::string nics = "/NodeList/*/$ns3::RoceNic/";
    for (const char* source : {"PauseSent", "ResumeSent", "PauseStarted", "PauseEnded", "Marked"})
    {
        Config::Connect(switches + source, MakeBoundCallback(&OnPort, log));
    }
    Config::Connect(switches + "Dropped", MakeBoundCallback(&OnDrop, log));
    for (const char* source : {"PauseStarted", "PauseEnded"})
    {
        Config::Connect(nics + source, MakeBoundCallback(&OnPort, log));
    }
    for (const char* source : {"MessageReceived", "MessageAcked", "QueuePairFailed"})
    {
        Config::Connect(nics + source, MakeBoundCallback(&OnFlow, log));
    }
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

/// Of the ports of a switch or a NIC.
inline Totals
TotalsOf(Ptr<RoceElement> element)
{
    Totals totals;
    for (uint32_t port = 0; port < element->GetNPorts(); ++port)
    {
        const RocePortStatistics s = element->GetPortStatistics(port);
        totals.marked += s.switching.ecn_marked;
        totals.dropped +=
            std::accumulate(s.switching.drops.begin(), s.switching.drops.end(), uint64_t{0});
        totals.pausesSent += s.switching.pauses_sent;
        totals.pauses += s.pauses;
    }
    return totals;
}

inline Totals
TotalsOfAll(Ptr<RoceNetwork> network)
{
    Totals totals;
    const auto add = [&](const Totals& more)
    {
        totals.marked += more.marked;
        totals.dropped += more.dropped;
        totals.pausesSent += more.pausesSent;
        totals.pauses += more.pauses;
    };
    for (uint32_t i = 0; i < network->GetHosts().GetN(); ++i)
    {
        add(TotalsOf(network->GetNic(i)));
    }
    for (uint32_t i = 0; i < network->GetSwitches().GetN(); ++i)
    {
        add(TotalsOf(network->GetSwitch(i)));
    }
    return totals;
}

} // namespace ns3
