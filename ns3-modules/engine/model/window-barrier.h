// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace ns3
{

/**
 * Where a fixed number of threads wait for each other, over and over.
 *
 * A window lasts some ten microseconds, so a waiter spins at first; when the others do not come,
 * because something else has their core, it sleeps, which gives its own core to them.
 */
class WindowBarrier
{
  public:
    explicit WindowBarrier(uint32_t threads)
        : m_threads(threads)
    {
    }

    void Wait()
    {
        const uint32_t round = m_round.load(std::memory_order_acquire);
        if (m_arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == m_threads)
        {
            m_arrived.store(0, std::memory_order_relaxed);
            {
                const std::lock_guard<std::mutex> lock(m_mutex);
                m_round.store(round + 1, std::memory_order_release);
            }
            if (m_sleepers.load(std::memory_order_acquire) != 0)
            {
                m_wakeUp.notify_all();
            }
            return;
        }
        constexpr uint32_t SPINS = 2'000; // some tens of microseconds: a window
        for (uint32_t spin = 0; spin < SPINS; ++spin)
        {
            if (m_round.load(std::memory_order_acquire) != round)
            {
                return;
            }
            __builtin_ia32_pause();
        }
        std::unique_lock<std::mutex> lock(m_mutex);
        m_sleepers.fetch_add(1, std::memory_order_acq_rel);
        m_wakeUp.wait(lock, [&] { return m_round.load(std::memory_order_acquire) != round; });
        m_sleepers.fetch_sub(1, std::memory_order_acq_rel);
    }

  private:
    const uint32_t m_threads;
    alignas(64) std::atomic<uint32_t> m_arrived{0};
    alignas(64) std::atomic<uint32_t> m_round{0};
    std::atomic<uint32_t> m_sleepers{0};
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
};

} // namespace ns3
