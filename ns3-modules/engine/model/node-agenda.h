// SPDX-License-Identifier: GPL-2.0-only
// What a node has to do next, besides receiving: transmissions that end, and timers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <queue>
#include <vector>

namespace ns3
{

/// No event: later than any.
constexpr int64_t NEVER_PS = std::numeric_limits<int64_t>::max();

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
        m_keys.assign(2 * m_leaves, NEVER_PS);
    }

    void Set(uint32_t rank, int64_t time)
    {
        Update(rank, time << RANK_BITS | rank);
    }

    void Clear(uint32_t rank)
    {
        Update(rank, NEVER_PS);
    }

    /// When the first transmission ends; later than any event where none is pending.
    int64_t FirstTime() const
    {
        return m_keys[1] >> RANK_BITS;
    }

    uint32_t FirstRank() const
    {
        return static_cast<uint32_t>(m_keys[1] & ((1 << RANK_BITS) - 1));
    }

    static constexpr uint32_t RANK_BITS = 8;
    static constexpr uint32_t MAX_PORTS = 1 << RANK_BITS;
    /// Times must stay below this: ten hours of simulated time.
    static constexpr int64_t MAX_TIME_PS = NEVER_PS >> RANK_BITS;

  private:
    void Update(uint32_t rank, int64_t key)
    {
        int64_t* keys = m_keys.data();
        uint32_t i = m_leaves + rank;
        keys[i] = key;
        for (i /= 2; i > 0; i /= 2)
        {
            keys[i] = std::min(keys[2 * i], keys[2 * i + 1]);
        }
    }

    uint32_t m_leaves = 2;
    std::vector<int64_t> m_keys;
};

/// A timer of a node; id says what it is for. Timers are not cancelled: who set one checks when it
/// fires whether it still means something.
struct NodeTimer
{
    int64_t time;
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
    void Set(int64_t time, uint32_t id)
    {
        m_timers.push({time, id});
        m_firstTime = m_timers.top().time;
    }

    int64_t FirstTime() const
    {
        return m_firstTime;
    }

    uint32_t PopFirst()
    {
        const uint32_t id = m_timers.top().id;
        m_timers.pop();
        m_firstTime = m_timers.empty() ? NEVER_PS : m_timers.top().time;
        return id;
    }

  private:
    std::priority_queue<NodeTimer, std::vector<NodeTimer>, std::greater<>> m_timers;
    int64_t m_firstTime = NEVER_PS;
};

} // namespace ns3
