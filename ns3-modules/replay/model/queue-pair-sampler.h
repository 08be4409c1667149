// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3-modules/roce/model/roce-fabric.h"
#include "traffic/record/rate_sampler.h"
#include "traffic/run/run_input.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// Samples what congestion control allows the queue pairs of a run, at regular virtual times.
class QueuePairSampler
{
  public:
    /// Of a run with so many queue pairs; keeps a reference to the fabric.
    QueuePairSampler(const RoceFabric& fabric,
                     const railyard::RunInput& input,
                     uint32_t queuePairs);

    /// Starts sampling; the sampler must live until the run has ended.
    void Start();

    /// Of each queue pair, which they name by its number alone.
    const std::vector<railyard::record::RateSamples>& Samples() const
    {
        return m_sampler.samples();
    }

  private:
    void Sample();

    const RoceFabric& m_fabric;
    railyard::record::RateSampler m_sampler;
};

} // namespace ns3
