// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/protocol/wire/packet.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/// A run of packets; 512 bytes, so that a queue of any length touches few cache lines at either
/// end.
struct alignas(64) PacketChunk
{
    static constexpr uint32_t CAPACITY = 15;
    railyard::Packet packets[CAPACITY];
    PacketChunk* next;
};

static_assert(sizeof(PacketChunk) == 512);

/// Free chunks of one worker thread. Last in, first out: what was just freed is still in the cache.
class PacketChunkPool
{
  public:
    PacketChunk* Get()
    {
        if (__builtin_expect(m_free == nullptr, 0))
        {
            Grow();
        }
        PacketChunk* chunk = m_free;
        m_free = chunk->next;
        return chunk;
    }

    void Put(PacketChunk* chunk)
    {
        chunk->next = m_free;
        m_free = chunk;
    }

  private:
    void Grow()
    {
        constexpr uint32_t CHUNKS_PER_BLOCK = 64;
        m_blocks.push_back(std::make_unique<PacketChunk[]>(CHUNKS_PER_BLOCK));
        for (uint32_t i = CHUNKS_PER_BLOCK; i-- > 0;)
        {
            Put(&m_blocks.back()[i]);
        }
    }

    PacketChunk* m_free = nullptr;
    std::vector<std::unique_ptr<PacketChunk[]>> m_blocks;
};

/// First in, first out, of chunks from a pool. An empty queue holds no chunk.
class PacketQueue
{
  public:
    bool Empty() const
    {
        return m_head == nullptr;
    }

    /// Sum of the frames' lengths.
    uint32_t Bytes() const
    {
        return m_bytes;
    }

    const railyard::Packet& Front() const
    {
        return m_head->packets[m_first];
    }

    /// The first packet will be read soon; the queue must not be empty.
    void PrefetchFront() const
    {
        __builtin_prefetch(&m_head->packets[m_first]);
    }

    /// Where the next packet goes, which has so many bytes; the caller writes it.
    railyard::Packet& Append(uint32_t frameBytes, PacketChunkPool& pool)
    {
        if (m_head == nullptr)
        {
            m_head = m_tail = pool.Get();
            m_first = m_end = 0;
        }
        else if (m_end == PacketChunk::CAPACITY)
        {
            PacketChunk* chunk = pool.Get();
            m_tail->next = chunk;
            m_tail = chunk;
            m_end = 0;
        }
        m_bytes += frameBytes;
        return m_tail->packets[m_end++];
    }

    void Pop(PacketChunkPool& pool)
    {
        m_bytes -= m_head->packets[m_first].frame_bytes;
        ++m_first;
        if (m_head == m_tail)
        {
            if (m_first == m_end)
            {
                pool.Put(m_head);
                m_head = m_tail = nullptr;
            }
        }
        else if (m_first == PacketChunk::CAPACITY)
        {
            PacketChunk* chunk = m_head;
            m_head = chunk->next;
            m_first = 0;
            pool.Put(chunk);
            PrefetchFront();
        }
        else
        {
            PrefetchFront();
        }
    }

  private:
    PacketChunk* m_head = nullptr;
    PacketChunk* m_tail = nullptr;
    uint16_t m_first = 0; ///< in the head chunk
    uint16_t m_end = 0;   ///< in the tail chunk
    uint32_t m_bytes = 0;
};

} // namespace ns3
