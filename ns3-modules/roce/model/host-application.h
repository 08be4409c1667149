// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "traffic/units/quantity.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// What an application wants its host to do; filled during a callback, carried out after it.
struct HostActions
{
    struct Post
    {
        uint32_t flow;
        uint64_t bytes;
        bool last = false; ///< nothing will be posted on the flow after it
    };

    std::vector<Post> posts;
    std::vector<railyard::SimTime> wakeAt; ///< call OnWake at these times
    uint32_t finished = 0;                 ///< parties that the run waits for and that are done now
};

/// What runs on a host: told of messages and time, it posts messages on flows that start here.
/// It may touch only what belongs to this host.
class HostApplication
{
  public:
    virtual ~HostApplication() = default;
    /// A time asked for has come, or the first call of the run.
    virtual void OnWake(railyard::SimTime now, HostActions& actions) = 0;

    /// The next message of a flow that ends here has arrived in full.
    virtual void OnMessageReceived(uint32_t /* flow */, railyard::SimTime /* now */, HostActions&)
    {
    }

    /// The oldest unacknowledged message of a flow that starts here was acknowledged.
    virtual void OnMessageAcked(uint32_t /* flow */, railyard::SimTime /* now */, HostActions&)
    {
    }
};

} // namespace ns3
