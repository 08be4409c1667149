// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace ns3
{

/**
 * Whether a run's windows are worth several threads, by trial: now and then some windows run on all
 * threads and some on one, in turn, and the run goes on with what took less time for an event.
 *
 * How long threads wait for each other does not tell: two that share a busy core wait half of the
 * time, as two with a core each do whose work is uneven. It is told the time and asks for nothing.
 */
class ThreadChoice
{
  public:
    using Duration = std::chrono::nanoseconds;

    /// Before the first window.
    void Start(Duration now)
    {
        m_since = now;
    }

    /// Whether the next window is to run on all threads, or else on one.
    bool UseThreads() const
    {
        return m_state == State::ThreadsChosen || m_state == State::ThreadsTried;
    }

    /// A window has run; `events` of all windows so far.
    void OnWindow(Duration now, uint64_t events)
    {
        if (m_state == State::ThreadsChosen || m_state == State::OneChosen)
        {
            if (now - m_since >= m_hold)
            {
                BeginTrial(now, events);
            }
        }
        else if (now - m_since >= SLICE && events > m_eventsBefore)
        {
            EndSlice(now, events);
        }
    }

    /// How often the run went over to one thread.
    uint32_t Fallbacks() const
    {
        return m_fallbacks;
    }

    /// Nanoseconds an event, of the last trial; 0 before the first.
    double NanosecondsOnThreads() const
    {
        return m_tried[0].NanosecondsPerEvent();
    }

    double NanosecondsOnOne() const
    {
        return m_tried[1].NanosecondsPerEvent();
    }

    static constexpr Duration SLICE = std::chrono::milliseconds(4); ///< some hundred windows
    static constexpr uint32_t SLICES = 4; ///< of a trial; half of them on one thread
    /// From a choice to the next trial; doubled where the trial confirms it.
    static constexpr Duration FIRST_HOLD = std::chrono::milliseconds(200);
    static constexpr Duration LONGEST_HOLD = std::chrono::milliseconds(3'200);
    /// What is chosen stays where the other gains less than this: trials differ by some per cent.
    static constexpr double LEAST_GAIN = 0.05;

  private:
    enum class State : uint8_t
    {
        ThreadsChosen,
        OneChosen,
        ThreadsTried, ///< slices of a trial, one after the other
        OneTried
    };

    struct Tried
    {
        Duration time{0};
        uint64_t events = 0;

        double NanosecondsPerEvent() const
        {
            return events == 0 ? 0
                               : static_cast<double>(time.count()) / static_cast<double>(events);
        }
    };

    void BeginTrial(Duration now, uint64_t events)
    {
        m_oneWasChosen = m_state == State::OneChosen;
        m_tried = {};
        m_slices = 0;
        BeginSlice(State::ThreadsTried, now, events);
    }

    void BeginSlice(State state, Duration now, uint64_t events)
    {
        m_state = state;
        m_since = now;
        m_eventsBefore = events;
    }

    void EndSlice(Duration now, uint64_t events)
    {
        Tried& tried = m_tried[m_state == State::OneTried ? 1 : 0];
        tried.time += now - m_since;
        tried.events += events - m_eventsBefore;
        if (++m_slices < SLICES)
        {
            // Threads, one, one, threads: work that grows dearer favours neither.
            const bool one = m_slices < SLICES - 1;
            BeginSlice(one ? State::OneTried : State::ThreadsTried, now, events);
            return;
        }
        Choose(now);
    }

    void Choose(Duration now)
    {
        const double chosen = m_tried[m_oneWasChosen ? 1 : 0].NanosecondsPerEvent();
        const double other = m_tried[m_oneWasChosen ? 0 : 1].NanosecondsPerEvent();
        const bool change = other < chosen * (1 - LEAST_GAIN);
        const bool one = m_oneWasChosen != change;
        m_hold = change ? FIRST_HOLD : std::min(2 * m_hold, LONGEST_HOLD);
        m_fallbacks += change && one ? 1 : 0;
        m_state = one ? State::OneChosen : State::ThreadsChosen;
        m_since = now;
    }

    State m_state = State::ThreadsChosen;
    bool m_oneWasChosen = false; ///< before the trial
    Duration m_since{0};         ///< when the state was entered
    Duration m_hold = FIRST_HOLD;
    uint64_t m_eventsBefore = 0;  ///< the slice
    uint32_t m_slices = 0;        ///< of the trial, finished
    std::array<Tried, 2> m_tried; ///< on all threads, on one
    uint32_t m_fallbacks = 0;
};

} // namespace ns3
