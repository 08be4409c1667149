// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "replay-job.h"

#include "ns3-modules/roce/model/host-application.h"
#include "traffic/pattern/schedule/runner.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <tuple>
#include <vector>

namespace ns3
{

/**
 * Runs the ranks that sit on one host. Messages to other hosts go to the NIC; those within the host
 * take the scale-up link of the sending GPU, one after another.
 */
class ReplayHost final : public HostApplication, private railyard::schedule::RunnerEnvironment
{
  public:
    ReplayHost(std::vector<ReplayJob>& jobs,
               const std::vector<FlowUse>& flows,
               const railyard::FabricSettings& fabric);

    void AddRank(uint32_t job, uint32_t rank);

    bool HasRanks() const
    {
        return !m_ranks.empty();
    }

    /// Messages that have arrived for ranks of jobs that are not background.
    uint64_t ReceivedMessages() const
    {
        return m_receivedMessages;
    }

    // HostApplication
    void OnWake(int64_t now, HostActions& actions) override;
    void OnMessageReceived(uint32_t flow, int64_t now, HostActions& actions) override;
    void OnMessageAcked(uint32_t flow, int64_t now, HostActions& actions) override;

  private:
    struct LocalRank
    {
        uint32_t job;
        uint32_t rank;
        std::unique_ptr<railyard::schedule::RankRunner> runner;
        bool reportedDone = false;
    };

    /// Something to do at a time. `what` is an index in m_ranks, or a channel of `job`.
    struct Due
    {
        enum Kind : uint8_t
        {
            StartRank,
            RankTimer,
            LocalDelivery
        };

        int64_t time;
        Kind kind;
        uint32_t job;
        uint32_t what;

        friend bool operator>(const Due& a, const Due& b)
        {
            return std::tie(a.time, a.kind, a.job, a.what) >
                   std::tie(b.time, b.kind, b.job, b.what);
        }
    };

    // RunnerEnvironment
    void post_send(uint32_t channel,
                   uint64_t bytes,
                   uint32_t operation,
                   uint32_t iteration) override;
    void wake_at(uint32_t rank, railyard::SimTime at) override;
    void operation_ended(uint32_t rank,
                         uint32_t operation,
                         uint32_t iteration,
                         railyard::SimTime start,
                         railyard::SimTime end) override;
    void iteration_ended(uint32_t rank,
                         uint32_t iteration,
                         railyard::SimTime start,
                         railyard::SimTime end) override;

    /// Lets a rank act; the environment's functions above are about it while it does.
    template <class Act>
    void With(uint32_t index, int64_t now, HostActions& actions, Act act);
    void Schedule(const Due& due);
    void SendLocally(uint32_t channel, uint64_t bytes);
    void Deliver(uint32_t job, uint32_t channel, int64_t now, HostActions& actions);
    void Acknowledge(uint32_t job, uint32_t channel, int64_t now, HostActions& actions);
    uint32_t IndexOf(uint32_t job, uint32_t rank) const;

    std::vector<ReplayJob>& m_jobs;
    const std::vector<FlowUse>& m_flows;
    const railyard::BitRate m_scaleUpRate;
    const int64_t m_scaleUpLatencyPs;
    std::vector<LocalRank> m_ranks;
    std::vector<int64_t> m_scaleUpBusyUntil; ///< by GPU
    std::priority_queue<Due, std::vector<Due>, std::greater<>> m_due;
    uint64_t m_receivedMessages = 0;
    bool m_started = false;

    // While a rank acts.
    LocalRank* m_acting = nullptr;
    int64_t m_now = 0;
    HostActions* m_actions = nullptr;
};

} // namespace ns3
