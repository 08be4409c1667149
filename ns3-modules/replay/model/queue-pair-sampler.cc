// SPDX-License-Identifier: GPL-2.0-only
#include "queue-pair-sampler.h"

#include "ns3/simulator.h"

namespace ns3
{

using railyard::SimTime;

QueuePairSampler::QueuePairSampler(const RoceFabric& fabric,
                                   const railyard::RunInput& input,
                                   uint32_t queuePairs)
    : m_fabric(fabric),
      m_sampler(railyard::record::sampled_queue_pairs(queuePairs, input.sampled_queue_pairs),
                input.sample_interval,
                SimTime{})
{
}

void
QueuePairSampler::Start()
{
    if (m_sampler.next() != SimTime::never())
    {
        const SimTime now{Simulator::Now().GetTimeStep()};
        Simulator::Schedule(TimeStep((m_sampler.next() - now).ps), &QueuePairSampler::Sample, this);
    }
}

void
QueuePairSampler::Sample()
{
    m_sampler.sample([this](uint32_t queuePair, SimTime /* now */)
                     { return m_fabric.AllowanceOf(queuePair); });
    Start();
}

} // namespace ns3
