// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "fabric-simulator-impl.h"
#include "reference-context.h"

namespace ns3
{

/// The plain engine that checks WindowSimulatorImpl: one queue of events for the whole fabric, one
/// event at a time.
class ReferenceSimulatorImpl : public FabricSimulatorImpl
{
  public:
    static TypeId GetTypeId();
    void Run() override;
    void SetNodeTimer(uint32_t node, const Time& time, uint32_t id) override;

  private:
    ReferenceContext m_nodeContext;
};

} // namespace ns3
