// SPDX-License-Identifier: GPL-2.0-only
// One direction of a link: packets in order of arrival, in a ring that its sender owns.
//
// The sender appends at the tail, the receiver consumes at the head. Neither sees what the other
// does before it is published, which is done while both stand still, between two windows. That is
// what makes a result independent of which thread runs which node first.
#pragma once

#include "node-agenda.h"

#include "ns3/abort.h"

#include "traffic/protocol/wire/packet.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace ns3
{

/// The receiver's end; two share a cache line.
class alignas(32) LinkReceiver
{
  public:
    bool Empty() const
    {
        return m_head == m_tail;
    }

    /// Bits of an index into the ring: what an arrival's key has room for.
    static constexpr uint32_t INDEX_BITS = 20;

    uint32_t Waiting() const
    {
        return m_tail - m_head;
    }

    /// The packets at the head will be read soon; what follows their lines the processor foresees.
    void Prefetch() const
    {
        constexpr uint32_t PACKETS_PER_LINE = 64 / sizeof(railyard::Packet);
        __builtin_prefetch(&m_packets[m_head & m_mask]);
        __builtin_prefetch(&m_packets[(m_head + PACKETS_PER_LINE) & m_mask]);
    }

    const railyard::Packet& At(uint32_t index) const
    {
        return m_packets[index];
    }

    /// Consumes what arrives before `end`, calling visit(time, index) for each. Returns when the
    /// next arrives; never where none is known.
    template <class Visit>
    SimTime ConsumeBefore(SimTime end, Visit visit)
    {
        if (m_nextTime >= end)
        {
            return m_nextTime;
        }
        const railyard::Packet* const packets = m_packets;
        const uint32_t mask = m_mask;
        const uint32_t tail = m_tail;
        uint32_t position = m_head;
        SimTime next = SimTime::never();
        for (; position != tail; ++position)
        {
            const SimTime time = packets[position & mask].time;
            if (time >= end)
            {
                next = m_nextTime = time;
                break;
            }
            visit(time, position & mask);
        }
        m_head = position;
        return next;
    }

    /// By the receiver's worker, between windows: what it consumed may be overwritten.
    void PublishHead()
    {
        m_publishedHead = m_head;
    }

  private:
    friend class LinkSender;

    const railyard::Packet* m_packets = nullptr;
    uint32_t m_mask = 0;
    uint32_t m_tail = 0; ///< as published
    uint32_t m_head = 0;
    uint32_t m_publishedHead = 0; ///< for the sender to read
    SimTime m_nextTime; ///< when the packet at the head arrives, as far as it has been looked at:
                        ///< no packet does before
};

static_assert(sizeof(LinkReceiver) == 32);

/// The sender's end.
class LinkSender
{
  public:
    /// Where the next packet goes; it must be filled in before Append().
    railyard::Packet& Next(const LinkReceiver& receiver)
    {
        if (__builtin_expect(m_tail - m_consumed >= m_capacity, 0))
        {
            MakeRoom(receiver);
        }
        return m_packets[m_tail & (m_capacity - 1)];
    }

    void Prefetch() const
    {
        __builtin_prefetch(m_packets.get() + (m_tail & (m_capacity - 1)), 1);
    }

    void Append()
    {
        ++m_tail;
    }

    /// By the sender's worker, between windows: what it appended becomes visible. False when that
    /// is nothing.
    bool PublishTail(LinkReceiver& receiver)
    {
        if (m_publishedTail == m_tail)
        {
            return false;
        }
        m_publishedTail = m_tail;
        m_retired.reset();
        receiver.m_packets = m_packets.get();
        receiver.m_mask = m_capacity - 1;
        receiver.m_tail = m_tail;
        return true;
    }

  private:
    static constexpr uint32_t MAX_CAPACITY = 1u << LinkReceiver::INDEX_BITS;

    /// Takes note of what the receiver has consumed, else moves to a larger ring. The receiver may
    /// still be reading the old one: it is kept until the next PublishTail().
    [[gnu::noinline]] void MakeRoom(const LinkReceiver& receiver)
    {
        m_consumed = receiver.m_publishedHead;
        if (m_tail - m_consumed < m_capacity)
        {
            return;
        }
        NS_ABORT_MSG_IF(m_capacity >= MAX_CAPACITY,
                        "a link holds more than " << MAX_CAPACITY
                                                  << " packets that have not arrived: shorten its "
                                                     "delay, or make its packets larger");
        constexpr uint32_t INITIAL_CAPACITY = 16;
        const uint32_t capacity = m_capacity == 0 ? INITIAL_CAPACITY : 2 * m_capacity;
        auto packets = std::make_unique<railyard::Packet[]>(capacity);
        for (uint32_t i = m_consumed; i != m_tail; ++i)
        {
            packets[i & (capacity - 1)] = m_packets[i & (m_capacity - 1)];
        }
        if (m_retired == nullptr)
        {
            m_retired = std::move(m_packets);
        }
        m_packets = std::move(packets);
        m_capacity = capacity;
    }

    std::unique_ptr<railyard::Packet[]> m_packets;
    std::unique_ptr<railyard::Packet[]> m_retired; ///< what the receiver may be reading
    uint32_t m_capacity = 0;                       ///< a power of two
    uint32_t m_tail = 0;
    uint32_t m_consumed = 0; ///< as last looked up
    uint32_t m_publishedTail = 0;
};

} // namespace ns3
