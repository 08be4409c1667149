// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-node.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * Divides the nodes among workers: each leaf stays together with its hosts, and neighbours of a
 * tier (a pod's leaves, and its spines) with each other, since a packet that crosses from one
 * thread to another costs several cache misses. Every worker gets about the same load. Results do
 * not depend on the division.
 *
 * \param load by node: how much work it is; where all are 0 its ports are counted instead
 * \return by worker: its nodes, neighbours next to each other
 */
std::vector<std::vector<DatapathNode*>> Partition(
    const std::vector<std::unique_ptr<DatapathNode>>& nodes,
    const std::vector<uint64_t>& load,
    uint32_t workers);

} // namespace ns3
