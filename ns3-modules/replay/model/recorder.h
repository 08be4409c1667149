// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "queue-pair-sampler.h"
#include "queue-sampler.h"

#include "ns3-modules/engine/model/datapath-event.h"
#include "ns3-modules/roce/model/roce-fabric.h"
#include "traffic/pattern/schedule/run_log.h"
#include "traffic/record/record.h"
#include "traffic/run/compiled_run.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/// Watches a run and makes its record.
class Recorder final : public DatapathObserver
{
  public:
    /// Keeps references to both.
    Recorder(const railyard::CompiledRun& run, const RoceFabric& fabric);

    void OnEvent(const DatapathEvent& event) override;

    /// The flow whose queue pair gave up, or NO_FLOW.
    uint32_t FailedFlow() const
    {
        return m_failedFlow;
    }

    /// At the end of the run.
    railyard::record::Record Finish(const std::vector<railyard::schedule::JobLog>& logs,
                                    const QueueSampler& queues,
                                    const QueuePairSampler& queuePairs,
                                    railyard::SimTime now);

  private:
    void AddMessages(const std::vector<railyard::schedule::JobLog>& logs);
    void AddPorts();
    void AddRates(const QueuePairSampler& queuePairs);
    void CloseOpenPauses(railyard::SimTime now);
    uint32_t PortIndex(uint32_t node, uint32_t port) const;

    const railyard::CompiledRun& m_run;
    const RoceFabric& m_fabric;
    railyard::record::Record m_record;
    std::vector<uint32_t> m_firstPort;  ///< by node: index of its port 0 in the record
    std::vector<uint32_t> m_openPauses; ///< indices in m_record.pauses of those that have not ended
    uint32_t m_failedFlow = NO_FLOW;
};

} // namespace ns3
