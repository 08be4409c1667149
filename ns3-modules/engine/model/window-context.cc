// SPDX-License-Identifier: GPL-2.0-only
#include "window-context.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ns3
{

namespace
{

void
InsertionSort(uint64_t* keys, uint32_t count)
{
    for (uint32_t i = 1; i < count; ++i)
    {
        const uint64_t key = keys[i];
        uint32_t at = i;
        for (; at > 0 && keys[at - 1] > key; --at)
        {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
}

} // namespace

const uint64_t*
WindowContext::GatherArrivals(DatapathNode& node)
{
    m_nextArrival = SimTime::never();
    uint32_t waiting = 0;
    // What is to be read is asked for at all links before it is read at the first.
    for (const LinkReceiver& link : node.in)
    {
        waiting += link.Waiting();
        link.Prefetch();
    }
    if (m_gathered.size() <= waiting)
    {
        m_gathered.resize(2 * (waiting + 1));
        m_sorted.resize(m_gathered.size());
    }
    uint64_t* const gathered = m_gathered.data();
    uint32_t count = 0;
    uint32_t portsWithArrivals = 0;
    for (uint32_t rank = 0; rank < node.in.size(); ++rank)
    {
        LinkReceiver& link = node.in[rank];
        if (link.Empty())
        {
            continue;
        }
        const uint32_t before = count;
        const SimTime next = link.ConsumeBefore(
            windowEnd,
            [&](SimTime time, uint32_t index)
            {
                gathered[count++] = static_cast<uint64_t>((time - windowStart).ps) << TIME_SHIFT |
                                    uint64_t{rank} << INDEX_BITS | index;
            });
        m_nextArrival = std::min(m_nextArrival, next);
        portsWithArrivals += count != before ? 1 : 0;
    }
    if (count == 0)
    {
        static constexpr uint64_t NONE = END_OF_ARRIVALS;
        return &NONE;
    }
    std::vector<uint64_t>& arrivals = portsWithArrivals > 1 ? m_sorted : m_gathered;
    if (portsWithArrivals > 1)
    {
        SortArrivals(count);
    }
    arrivals[count] = END_OF_ARRIVALS;
    return arrivals.data();
}

/// Distributes by time into buckets that hold about one arrival each, then mends the order within.
void
WindowContext::SortArrivals(uint32_t count)
{
    constexpr uint32_t FEW = 16;
    if (count <= FEW)
    {
        std::copy_n(m_gathered.begin(), count, m_sorted.begin());
        InsertionSort(m_sorted.data(), count);
        return;
    }
    constexpr uint32_t MAX_BUCKET_BITS = 11;
    const auto bitsOf = [](uint64_t n) { return 64 - __builtin_clzll(n | 1); };
    const uint32_t bucketBits = std::min<uint32_t>(MAX_BUCKET_BITS, bitsOf(count));
    const uint32_t windowBits = bitsOf(static_cast<uint64_t>((windowEnd - windowStart).ps - 1));
    const uint32_t shift = TIME_SHIFT + (windowBits > bucketBits ? windowBits - bucketBits : 0);
    const uint32_t buckets = 1u << bucketBits;

    std::array<uint32_t, 1 << MAX_BUCKET_BITS> start;
    std::fill_n(start.begin(), buckets, 0);
    const uint64_t* gathered = m_gathered.data();
    uint64_t* sorted = m_sorted.data();
    for (uint32_t i = 0; i < count; ++i)
    {
        ++start[gathered[i] >> shift];
    }
    uint32_t before = 0;
    for (uint32_t b = 0; b < buckets; ++b)
    {
        before += std::exchange(start[b], before);
    }
    for (uint32_t i = 0; i < count; ++i)
    {
        sorted[start[gathered[i] >> shift]++] = gathered[i];
    }
    InsertionSort(sorted, count);
}

} // namespace ns3
