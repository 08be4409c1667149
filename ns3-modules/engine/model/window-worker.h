// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-node.h"
#include "window-context.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace ns3
{

/// By node: set when somebody has sent it a packet that it has not seen yet.
using ActivityFlags = std::vector<WindowContext::ActivityFlag>;

/// The part of a window that one thread runs: some of the nodes, window after window.
class alignas(64) WindowWorker
{
  public:
    void SetNodes(std::vector<DatapathNode*>&& nodes)
    {
        m_nodes = std::move(nodes);
    }

    /// Runs those of its nodes that have something to do in [start, end).
    void Run(ActivityFlags& activity, SimTime start, SimTime end);

    /// Makes visible what its nodes have sent and consumed, once all workers have run.
    void Publish(ActivityFlags& activity);

    /// Whether any node ran in the last window.
    bool RanAny() const
    {
        return m_ranAny;
    }

    /// First instant at which any of its nodes acts by itself.
    SimTime NextTime() const;

    WindowContext context;

  private:
    std::vector<DatapathNode*> m_nodes;
    std::vector<DatapathNode*> m_ran;
    bool m_ranAny = false;
};

} // namespace ns3
