// SPDX-License-Identifier: GPL-2.0-only
#include "recorder.h"

#include "traffic/run/ideal_times.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace ns3
{

namespace record = railyard::record;
using railyard::SimTime;

namespace
{

/// When the i-th message got so far; never where the run ended before.
SimTime
At(const std::vector<SimTime>& times, size_t i)
{
    return i < times.size() ? times[i] : SimTime::never();
}

} // namespace

Recorder::Recorder(const railyard::CompiledRun& run, const RoceFabric& fabric)
    : m_run(run),
      m_fabric(fabric)
{
    m_record.scenario = run.input.scenario;
    m_record.setting = run.input.setting;
    m_record.seed = run.input.seed;
    uint32_t ports = 0;
    for (const railyard::FabricNode& node : fabric.Plan().nodes)
    {
        m_firstPort.push_back(ports);
        ports += node.port_count;
    }
}

uint32_t
Recorder::PortIndex(uint32_t node, uint32_t port) const
{
    return m_firstPort[node] + port;
}

void
Recorder::OnEvent(const DatapathEvent& event)
{
    const uint32_t port = PortIndex(event.node, event.port);
    switch (event.code)
    {
    case RoceEvent::PauseStarted:
        m_openPauses.push_back(static_cast<uint32_t>(m_record.pauses.size()));
        m_record.pauses.push_back(
            {port, static_cast<uint8_t>(event.value), event.time, SimTime::never()});
        break;
    case RoceEvent::PauseEnded:
    {
        const auto open = std::find_if(m_openPauses.begin(),
                                       m_openPauses.end(),
                                       [&](uint32_t i) {
                                           return m_record.pauses[i].port == port &&
                                                  m_record.pauses[i].priority == event.value;
                                       });
        m_record.pauses[*open].end = event.time;
        m_openPauses.erase(open);
        break;
    }
    case RoceEvent::QueuePairFailed:
        m_failedFlow = static_cast<uint32_t>(event.value);
        Simulator::Stop();
        break;
    default:
        break;
    }
}

record::Record
Recorder::Finish(const std::vector<railyard::schedule::JobLog>& logs,
                 const QueueSampler& queues,
                 const QueuePairSampler& queuePairs,
                 SimTime now)
{
    m_record.duration = now;
    railyard::schedule::add_logs(*m_run.jobs, logs, m_record);
    AddMessages(logs);
    AddPorts();
    CloseOpenPauses(now);
    m_record.queues =
        queues.Busiest(m_run.input.busiest_ports,
                       [this](uint32_t node, uint32_t port) { return PortIndex(node, port); });
    AddRates(queuePairs);
    const RoceTransportStatistics transport = m_fabric.TransportStatistics();
    m_record.totals.retransmitted = transport.retransmitted;
    m_record.totals.nacks = transport.nacks;
    m_record.totals.cnps = transport.cnps;
    m_record.totals.timeouts = transport.timeouts;
    return std::move(m_record);
}

void
Recorder::AddMessages(const std::vector<railyard::schedule::JobLog>& logs)
{
    const railyard::IdealTimes ideals(m_run);
    uint32_t firstOperation = 0;
    for (uint32_t job = 0; job < logs.size(); ++job)
    {
        const railyard::schedule::Schedule& schedule = *m_run.jobs->jobs[job].schedule;
        const auto add = [&](uint32_t c, const railyard::schedule::ChannelLog& log)
        {
            const railyard::schedule::Channel channel = schedule.channel(c);
            std::map<uint64_t, SimTime> idealOf; // a channel's messages have few sizes
            for (size_t i = 0; i < log.sent.size(); ++i)
            {
                const railyard::schedule::SentMessage& sent = log.sent[i];
                const auto [ideal, isNew] = idealOf.try_emplace(sent.bytes);
                if (isNew)
                {
                    ideal->second = ideals.of(job, c, railyard::Bytes{sent.bytes});
                }
                m_record.messages.push_back({firstOperation + sent.operation,
                                             sent.iteration,
                                             channel.src_rank,
                                             channel.dst_rank,
                                             sent.bytes,
                                             sent.posted,
                                             At(log.received, i),
                                             At(log.acked, i),
                                             ideal->second,
                                             log.others.empty() ? 0 : log.others[i]});
            }
        };
        railyard::schedule::for_each_channel(schedule, logs[job], add);
        firstOperation += schedule.operation_count();
    }
}

void
Recorder::AddPorts()
{
    const railyard::FabricPlan& plan = m_fabric.Plan();
    std::vector<railyard::BitRate> rates(m_firstPort.back() + plan.nodes.back().port_count);
    for (const railyard::FabricLink& link : plan.links)
    {
        rates[PortIndex(link.a.node, link.a.port)] = link.rate;
        rates[PortIndex(link.b.node, link.b.port)] = link.rate;
    }
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const bool isSwitch = plan.is_switch(node);
        for (uint32_t p = 0; p < plan.nodes[node].port_count; ++p)
        {
            const RocePortStatistics s = m_fabric.PortStatistics(node, p);
            record::Port port;
            port.node = plan.nodes[node].name;
            port.name = fmt::format("{}:{}{}", port.node, isSwitch ? "" : "nic", p);
            port.is_switch = isSwitch;
            port.rate = rates[m_record.ports.size()];
            port.tx_packets = s.sent.tx_packets;
            port.tx_bytes = s.sent.tx_bytes;
            port.tx_data_packets = s.sent.tx_data_packets;
            port.ecn_marked = s.switching.ecn_marked;
            port.drops = s.switching.drops;
            port.pfc_pauses_sent = s.switching.pauses_sent;
            port.pfc_pauses_received = s.pauses;
            port.paused = s.paused;
            port.max_queue_bytes = s.sent.max_queue_bytes;
            m_record.ports.push_back(std::move(port));
            m_record.totals.packet_hops += s.sent.tx_packets;
            m_record.totals.data_hops += s.sent.tx_data_packets;
        }
    }
}

void
Recorder::AddRates(const QueuePairSampler& queuePairs)
{
    m_record.rates = queuePairs.Samples();
    for (record::RateSamples& samples : m_record.rates)
    {
        railyard::schedule::name_queue_pair(*m_run.jobs, samples);
        const uint32_t source = m_run.jobs->flow(samples.queue_pair).source;
        const railyard::FabricPort port = m_fabric.Plan().port_of(source);
        samples.port = PortIndex(port.node, port.port);
    }
}

void
Recorder::CloseOpenPauses(SimTime now)
{
    for (const uint32_t i : m_openPauses)
    {
        m_record.pauses[i].end = now;
    }
}

} // namespace ns3
