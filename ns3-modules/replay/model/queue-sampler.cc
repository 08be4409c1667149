// SPDX-License-Identifier: GPL-2.0-only
#include "queue-sampler.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <tuple>

namespace ns3
{

QueueSampler::QueueSampler(const RoceFabric& fabric, railyard::SimTime interval)
    : m_fabric(fabric),
      m_interval(interval)
{
    const railyard::FabricPlan& plan = fabric.Plan();
    for (uint32_t node = plan.host_count; node < plan.first_reducer(); ++node)
    {
        for (uint32_t port = 0; port < plan.nodes[node].port_count; ++port)
        {
            m_series.push_back({node, port, {}, 0, 0});
        }
    }
}

void
QueueSampler::Start()
{
    if (m_interval.ps > 0)
    {
        Simulator::Schedule(TimeStep(m_interval.ps), &QueueSampler::Sample, this);
    }
}

void
QueueSampler::Sample()
{
    for (Series& series : m_series)
    {
        const uint32_t bytes = m_fabric.QueuedBytes(series.node, series.port);
        series.bytes.push_back(bytes);
        series.sum += bytes;
        series.deepest = std::max(series.deepest, bytes);
    }
    if (!m_series.empty() && m_series.front().bytes.size() >= MAX_SAMPLES)
    {
        Coarsen();
    }
    Simulator::Schedule(TimeStep(m_interval.ps), &QueueSampler::Sample, this);
}

void
QueueSampler::Coarsen()
{
    for (Series& series : m_series)
    {
        for (size_t i = 0; i < series.bytes.size() / 2; ++i)
        {
            series.bytes[i] = std::max(series.bytes[2 * i], series.bytes[2 * i + 1]);
        }
        series.bytes.resize(series.bytes.size() / 2);
    }
    m_interval = m_interval * 2;
}

std::vector<const QueueSampler::Series*>
QueueSampler::Deepest(uint32_t count) const
{
    std::vector<const Series*> series;
    for (const Series& s : m_series)
    {
        if (s.deepest > 0)
        {
            series.push_back(&s);
        }
    }
    std::stable_sort(series.begin(),
                     series.end(),
                     [](const Series* a, const Series* b)
                     { return std::tie(a->deepest, a->sum) > std::tie(b->deepest, b->sum); });
    series.resize(std::min<size_t>(series.size(), count));
    return series;
}

} // namespace ns3
