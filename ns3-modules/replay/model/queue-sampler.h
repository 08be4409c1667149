// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/roce/model/roce-fabric.h"
#include "traffic/record/record.h"
#include "traffic/units/quantity.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * Samples the egress queues of all switch ports at regular virtual times, and keeps those of the
 * busiest.
 *
 * A long run is sampled more coarsely: when the samples become too many, two become one (the
 * deeper) and the interval doubles.
 */
class QueueSampler
{
  public:
    QueueSampler(const RoceFabric& fabric, railyard::SimTime interval);

    /// Starts sampling; the sampler must live until the run has ended.
    void Start();

    /// Samples of the `count` ports with the deepest queues; PortOf maps (node, port) to the
    /// record's port index.
    template <class PortOf>
    std::vector<railyard::record::QueueSamples> Busiest(uint32_t count, PortOf portOf) const;

    static constexpr size_t MAX_SAMPLES = 2048;

  private:
    struct Series
    {
        uint32_t node;
        uint32_t port;
        std::vector<uint32_t> bytes;
        uint64_t sum = 0; ///< of all samples: breaks ties between ports as deep
        uint32_t deepest = 0;
    };

    void Sample();
    void Coarsen();
    std::vector<const Series*> Deepest(uint32_t count) const;

    const RoceFabric& m_fabric;
    railyard::SimTime m_interval;
    std::vector<Series> m_series;
};

template <class PortOf>
std::vector<railyard::record::QueueSamples>
QueueSampler::Busiest(uint32_t count, PortOf portOf) const
{
    std::vector<railyard::record::QueueSamples> busiest;
    for (const Series* series : Deepest(count))
    {
        busiest.push_back({portOf(series->node, series->port), m_interval, series->bytes});
    }
    return busiest;
}

} // namespace ns3
