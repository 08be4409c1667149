// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace ns3
{

/**
 * A number that counts up, and threads that wait until it has got somewhere.
 *
 * A window lasts some ten microseconds, so a waiter spins at first; when that does not do, because
 * something else has the other's core, it sleeps, which gives its own core to that.
 */
class alignas(64) AwaitedCounter
{
  public:
    void Advance()
    {
        m_value.fetch_add(1);
        if (m_sleepers.load() != 0)
        {
            // Who counted itself as a sleeper has looked at the number, and waits or is about to.
            std::lock_guard<std::mutex>{m_mutex};
            m_wakeUp.notify_all();
        }
    }

    /// It must not go past `value` before all who wait for that have seen it.
    void WaitFor(uint32_t value)
    {
        constexpr uint32_t SPINS = 2'000; // some tens of microseconds: a window
        for (uint32_t spin = 0; spin < SPINS; ++spin)
        {
            if (m_value.load(std::memory_order_acquire) == value)
            {
                return;
            }
            __builtin_ia32_pause();
        }
        std::unique_lock<std::mutex> lock(m_mutex);
        m_sleepers.fetch_add(1);
        m_wakeUp.wait(lock, [&] { return m_value.load() == value; });
        m_sleepers.fetch_sub(1);
    }

  private:
    std::atomic<uint32_t> m_value{0};
    std::atomic<uint32_t> m_sleepers{0};
    std::mutex m_mutex;
    std::condition_variable m_wakeUp;
};

/// Where one thread lets a fixed number of others through and waits until all have come back, round
/// after round. What either side wrote before is visible to the other after.
class WindowGate
{
  public:
    explicit WindowGate(uint32_t others)
        : m_others(others)
    {
    }

    // By the one.

    void Open()
    {
        m_expected += m_others;
        m_rounds.Advance();
    }

    void WaitForAll()
    {
        m_returned.WaitFor(m_expected);
    }

    // By each of the others.

    /// Rounds count from 1.
    void WaitForRound(uint32_t round)
    {
        m_rounds.WaitFor(round);
    }

    void Return()
    {
        m_returned.Advance();
    }

  private:
    const uint32_t m_others;
    uint32_t m_expected = 0;
    AwaitedCounter m_rounds;
    AwaitedCounter m_returned;
};

} // namespace ns3
