// SPDX-License-Identifier: GPL-2.0-only
// What a node has to do next, besides receiving: transmissions that end, and timers.
#pragma once

#include "traffic/units/quantity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace ns3
{

using railyard::SimTime;

/**
 * The pending end of transmission of each port, and the first of them.
 *
 * A winner tree over the ports' tie ranks: setting one costs log2(ports) steps, the first is at the
 * root. Ends at the same instant come in the order of rank.
 */
class TransmitAgenda
{
  public:
    explicit TransmitAgenda(uint32_t ports)
    {
        while (m_leaves < ports)
        {
            m_leaves *= 2;
        }
        m_keys.assign(2 * m_leaves, NO_KEY);
    }

    void Set(uint32_t rank, SimTime time)
    {
        Update(rank, time.ps << RANK_BITS | rank);
    }

    void Clear(uint32_t rank)
    {
        Update(rank, NO_KEY);
    }

    /// When the first transmission ends; later than any event where none is pending.
    SimTime FirstTime() const
    {
        return {m_keys[1] >> RANK_BITS};
    }

    uint32_t FirstRank() const
    {
        return static_cast<uint32_t>(m_keys[1] & ((1 << RANK_BITS) - 1));
    }

    static constexpr uint32_t RANK_BITS = 9; ///< a switch of 256 ports, and its reducer
    static constexpr uint32_t MAX_PORTS = 1 << RANK_BITS;
    /// Times must stay below this: five hours of simulated time.
    static constexpr SimTime MAX_TIME{SimTime::never().ps >> RANK_BITS};

  private:
    static constexpr int64_t NO_KEY = SimTime::never().ps;

    void Update(uint32_t rank, int64_t key)
    {
        int64_t* keys = m_keys.data();
        size_t i = m_leaves + rank;
        keys[i] = key;
        for (i /= 2; i > 0; i /= 2)
        {
            keys[i] = std::min(keys[2 * i], keys[2 * i + 1]);
        }
    }

    size_t m_leaves = 2;
    std::vector<int64_t> m_keys;
};

/// A timer of a node; id says what it is for. Timers are not cancelled: who set one checks when it
/// fires whether it still means something.
struct NodeTimer
{
    SimTime time;
    uint32_t id;

    friend bool operator>(const NodeTimer& a, const NodeTimer& b)
    {
        return a.time != b.time ? a.time > b.time : a.id > b.id;
    }
};

/// Timers of one node; the same instant: by id.
class TimerAgenda
{
  public:
    void Set(SimTime time, uint32_t id)
    {
        m_timers.push({time, id});
        m_firstTime = m_timers.top().time;
    }

    SimTime FirstTime() const
    {
        return m_firstTime;
    }

    uint32_t PopFirst()
    {
        const uint32_t id = m_timers.top().id;
        m_timers.pop();
        m_firstTime = m_timers.empty() ? SimTime::never() : m_timers.top().time;
        return id;
    }

  private:
    std::priority_queue<NodeTimer, std::vector<NodeTimer>, std::greater<>> m_timers;
    SimTime m_firstTime = SimTime::never();
};

} // namespace ns3
