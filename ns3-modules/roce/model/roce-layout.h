// SPDX-License-Identifier: GPL-2.0-only
// What settings become for the datapath.
#pragma once

#include "host-node.h"
#include "roce-settings.h"

#include "traffic/protocol/congestion/congestion_settings.h"

#include <cstdint>
#include <map>

namespace ns3
{

/// What hosts with the same settings share and only read.
struct HostLayout
{
    explicit HostLayout(const RoceHostSettings& of);

    /// A flow's class, with these settings' values where it names none.
    railyard::FlowClass ClassOf(const RoceFlowClass& asked) const;

    railyard::NicSettings nics;
    railyard::QosMaps maps;
    railyard::NicRules rules;
    railyard::PauseRules pauseRules; ///< response: beyond the latency that every arrival has
    railyard::CongestionSettings congestion;
};

/// By host.
class HostLayouts
{
  public:
    explicit HostLayouts(const RoceSettings& of);

    const HostLayout& Of(uint32_t host) const;

  private:
    HostLayout m_common;
    std::map<uint32_t, HostLayout> m_exceptions;
};

} // namespace ns3
