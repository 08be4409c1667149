// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/protocol/wire/packet.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace ns3
{

/**
 * The packets on one direction of a link, in order of arrival.
 *
 * The sender appends at its tail, the receiver consumes at its head; neither sees what the other
 * does before it is published, which is done while both stand still, between two windows. That is
 * what makes a result independent of which thread runs which node first.
 */
class LinkRing
{
  public:
    // Sender's side.

    void Append(const railyard::Packet& packet)
    {
        if (__builtin_expect(m_tail - m_headSeenBySender > m_mask, 0))
        {
            Grow();
        }
        m_packets[m_tail & m_mask] = packet;
        ++m_tail;
    }

    // Receiver's side.

    bool Empty() const
    {
        return m_head == m_tailSeenByReceiver;
    }

    uint32_t Head() const
    {
        return m_head;
    }

    uint32_t PublishedTail() const
    {
        return m_tailSeenByReceiver;
    }

    uint32_t IndexOf(uint32_t position) const
    {
        return position & m_seenMask;
    }

    const railyard::Packet& At(uint32_t index) const
    {
        return m_seen[index];
    }

    void ConsumeTo(uint32_t position)
    {
        m_head = position;
    }

    // Between windows.

    /// By the sender's worker: what it appended becomes visible.
    void PublishTail()
    {
        m_retired.reset();
        m_seen = m_packets.get();
        m_seenMask = m_mask;
        m_tailSeenByReceiver = m_tail;
    }

    /// By the receiver's worker: what it consumed may be overwritten.
    void PublishHead()
    {
        m_headSeenBySender = m_head;
    }

  private:
    /// The receiver may still be reading the old memory: it is kept until the next PublishTail().
    void Grow()
    {
        const uint32_t mask = m_mask * 2 + 1;
        auto packets = std::make_unique<railyard::Packet[]>(mask + 1);
        for (uint32_t i = m_headSeenBySender; i != m_tail; ++i)
        {
            packets[i & mask] = m_packets[i & m_mask];
        }
        if (m_packets.get() == m_seen)
        {
            m_retired = std::move(m_packets);
        }
        m_packets = std::move(packets);
        m_mask = mask;
    }

    static constexpr uint32_t INITIAL_CAPACITY = 16;

    std::unique_ptr<railyard::Packet[]> m_packets =
        std::make_unique<railyard::Packet[]>(INITIAL_CAPACITY);
    uint32_t m_mask = INITIAL_CAPACITY - 1;
    uint32_t m_tail = 0;
    uint32_t m_headSeenBySender = 0;

    // The receiver's half, on a cache line of its own.
    alignas(64) railyard::Packet* m_seen = m_packets.get();
    uint32_t m_seenMask = m_mask;
    uint32_t m_tailSeenByReceiver = 0;
    uint32_t m_head = 0;

    std::unique_ptr<railyard::Packet[]> m_retired;
};

} // namespace ns3
