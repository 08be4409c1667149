// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "ns3/traced-callback.h"

#include <functional>
#include <string>
#include <utility>

namespace ns3
{

/// A trace source of which the datapath logs the events only while a sink is connected: for what
/// happens to many packets.
template <class... Ts>
class LoggedTrace : public TracedCallback<Ts...>
{
    using Base = TracedCallback<Ts...>;

  public:
    /// `log(on)` is called now, and whenever a sink comes or goes.
    void SetLogging(std::function<void(bool)> log)
    {
        m_log = std::move(log);
        Update();
    }

    // What MakeTraceSourceAccessor calls.

    void ConnectWithoutContext(const CallbackBase& callback)
    {
        Base::ConnectWithoutContext(callback);
        Update();
    }

    void Connect(const CallbackBase& callback, std::string path)
    {
        Base::Connect(callback, std::move(path));
        Update();
    }

    void DisconnectWithoutContext(const CallbackBase& callback)
    {
        Base::DisconnectWithoutContext(callback);
        Update();
    }

    void Disconnect(const CallbackBase& callback, std::string path)
    {
        Base::Disconnect(callback, std::move(path));
        Update();
    }

  private:
    void Update()
    {
        if (m_log)
        {
            m_log(!this->IsEmpty());
        }
    }

    std::function<void(bool)> m_log;
};

} // namespace ns3
