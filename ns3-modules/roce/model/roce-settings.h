// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace ns3
{

/// Settings of the NICs of one host.
struct RoceHostSettings
{
    railyard::NicSettings nics;
    railyard::CongestionSettings congestion;
    railyard::QosMaps maps; ///< of what it sends, and of the pauses that it receives
};

/// What a flow has other than its NICs' settings say.
struct RoceFlowClass
{
    std::optional<uint32_t> dscp;      ///< of its data
    std::optional<uint32_t> algorithm; ///< index in railyard::congestion_algorithms()
    const void* settings = nullptr;    ///< that algorithm's, which must outlive the flow
};

/// Settings of every node of a fabric.
struct RoceSettings
{
    railyard::SwitchSettings switches; ///< the hosts use its maps too
    railyard::NicSettings nics;
    railyard::CongestionSettings congestion;
    uint64_t seed = 1; ///< of hashes, marking and tie-breaking

    // By node: those that differ from the above.
    std::map<uint32_t, railyard::SwitchSettings> switchExceptions = {};
    std::map<uint32_t, RoceHostSettings> hostExceptions = {};

    /// By switch, then by port. On a link between two switches its sender's `out` acts, then its
    /// receiver's `in`.
    std::map<uint32_t, std::vector<railyard::PortFaults>> linkFaults = {};

    const railyard::SwitchSettings& SwitchAt(uint32_t node) const
    {
        const auto found = switchExceptions.find(node);
        return found == switchExceptions.end() ? switches : found->second;
    }

    const railyard::NicSettings& NicsAt(uint32_t node) const
    {
        const auto found = hostExceptions.find(node);
        return found == hostExceptions.end() ? nics : found->second.nics;
    }

    /// Of any host, bytes.
    uint32_t LargestMtu() const
    {
        uint32_t mtu = nics.mtu;
        for (const auto& [node, host] : hostExceptions)
        {
            mtu = std::max(mtu, host.nics.mtu);
        }
        return mtu;
    }
};

} // namespace ns3
