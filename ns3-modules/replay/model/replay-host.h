// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/roce/model/host-application.h"
#include "traffic/pattern/schedule/rank_host.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// The ranks of one host as an application of its node: what they want of the network becomes
/// HostActions.
class ReplayHost final : public HostApplication, private railyard::schedule::HostEnvironment
{
  public:
    ReplayHost(const railyard::schedule::PlayedJobs& jobs,
               uint32_t host,
               std::vector<railyard::schedule::JobLog>& logs)
        : m_ranks(jobs, host, logs, *this)
    {
    }

    const railyard::schedule::RankHost& Ranks() const
    {
        return m_ranks;
    }

    // HostApplication
    void OnWake(railyard::SimTime now, HostActions& actions) override
    {
        m_actions = &actions;
        m_ranks.wake(now);
    }

    void OnMessageReceived(uint32_t flow, railyard::SimTime now, HostActions& actions) override
    {
        m_actions = &actions;
        m_ranks.message_received(flow, now);
    }

    void OnMessageAcked(uint32_t flow, railyard::SimTime now, HostActions& actions) override
    {
        m_actions = &actions;
        m_ranks.message_acked(flow, now);
    }

  private:
    // HostEnvironment
    void post(uint32_t flow, railyard::Bytes bytes, railyard::SimTime /* now */) override
    {
        m_actions->posts.push_back({flow, bytes.n});
    }

    void retire(uint32_t /* flow: that of the last post */) override
    {
        m_actions->posts.back().last = true;
    }

    void wake_at(railyard::SimTime at) override
    {
        m_actions->wakeAt.push_back(at);
    }

    void rank_ended(railyard::SimTime /* now */) override
    {
        ++m_actions->finished;
    }

    railyard::schedule::RankHost m_ranks;
    HostActions* m_actions = nullptr; ///< of the call in which the ranks act
};

} // namespace ns3
