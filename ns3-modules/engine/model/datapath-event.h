// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/units/quantity.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// Something that observers want to know: what happened is the model's to say (code and the two
/// values).
struct DatapathEvent
{
    railyard::SimTime time;
    uint32_t node;
    uint16_t port;
    uint16_t code;
    uint64_t value;
};

/// Receives the events in the order of (time, node, order within the node), whatever the engine.
class DatapathObserver
{
  public:
    virtual ~DatapathObserver() = default;
    virtual void OnEvent(const DatapathEvent& event) = 0;
};

} // namespace ns3
