// SPDX-License-Identifier: GPL-2.0-only
// Asks for the memory of a node before its window runs. A fabric's state is larger than a core's
// cache, so every window finds a node's ports, rings and queues outside of it; asked for at once,
// they come together, where one event after another would wait for one line after another.
#pragma once

#include "datapath-node.h"

namespace ns3
{

constexpr uintptr_t CACHE_LINE = 64;

/// The ports themselves: transmitter, counters.
inline void
PrefetchPorts(const DatapathNode& node)
{
    if (node.ports.size() == 1) // a host is done as soon as its memory would have come
    {
        return;
    }
    for (const DatapathPort& port : node.ports)
    {
        __builtin_prefetch(&port);
        __builtin_prefetch(reinterpret_cast<const char*>(&port) + CACHE_LINE);
    }
}

/// What the ports point to, once they are there: where the next packet is written, and the queue
/// that is served next.
inline void
PrefetchRingsAndQueues(const DatapathNode& node)
{
    if (node.ports.size() == 1)
    {
        return;
    }
    for (const DatapathPort& port : node.ports)
    {
        port.out.Prefetch();
        if (port.queued != 0)
        {
            __builtin_prefetch(&port.queues[31 - __builtin_clz(port.queued)]);
        }
    }
    for (const DatapathPort& port : node.ports)
    {
        if (port.queued != 0)
        {
            port.queues[31 - __builtin_clz(port.queued)].PrefetchFront();
        }
    }
}

} // namespace ns3
