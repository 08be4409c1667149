// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "fabric-simulator-impl.h"
#include "window-context.h"

#include <memory>

namespace ns3
{

/**
 * The engine: all nodes run through one window of time, then exchange what they sent, then run the
 * next.
 *
 * A window is no longer than the lookahead, the shortest time that a packet takes between two
 * nodes: what is sent in a window arrives after it, so that within it the nodes need not know of
 * each other.
 */
class WindowSimulatorImpl : public FabricSimulatorImpl
{
  public:
    static TypeId GetTypeId();
    void Run() override;
    void SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes) override;
    void SetNodeTimer(uint32_t node, const Time& time, uint32_t id) override;

  protected:
    void DoDispose() override;

  private:
    /// Where the next window may end.
    int64_t WindowEnd() const;
    /// Runs every node that has something to do in [m_now, end).
    void RunWindow(int64_t end);
    /// Makes visible what the nodes that ran have sent and consumed.
    void Publish();
    /// First instant at which anything happens, provided that no packet is unseen; NEVER_PS when
    /// all is done.
    int64_t NextActivity() const;

    WindowContext m_context;
    std::vector<WindowContext::ActivityFlag> m_activated; ///< by node: a packet was sent to it
    std::vector<DatapathNode*> m_ran;
};

} // namespace ns3
