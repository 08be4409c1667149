// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "host-node.h"
#include "roce-layout.h"
#include "roce-settings.h"
#include "switch-node.h"

#include "traffic/fabric/fabric_plan.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/// Streams of random numbers drawn from a run's seed: one a purpose, so that one more draw here
/// changes nothing there. A node's or a link's number is added. (3 is railyard::equal_cost_salt's,
/// 4 railyard::flow_entropy's.)
namespace RoceStream
{
enum Base : uint64_t
{
    Marking = 1ull << 32,
    Tie = 2ull << 32,
    InFault = 5ull << 32,
    OutFault = 6ull << 32,
};
} // namespace RoceStream

/// A plan's hosts, switches and reducers as datapath nodes, with their links, queues, routes and
/// faults.
struct RoceNodes
{
    /// The layouts must outlive the nodes.
    RoceNodes(const railyard::FabricPlan& plan,
              const RoceSettings& settings,
              const HostLayouts& layouts);

    std::vector<std::unique_ptr<DatapathNode>> owned; ///< until a simulator takes them
    std::vector<RoceNodeState*> all;                  ///< by node
    std::vector<SwitchNode*> switches;                ///< by node; nullptr for others
    std::vector<HostNode*> hosts;                     ///< and reducers: by station
};

} // namespace ns3
