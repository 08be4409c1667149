// SPDX-License-Identifier: BSD-3-Clause
// What Linux knows of an interface that a virtual device is laid upon.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace railyard::lab {

struct Interface {
  bool up = false;
  uint32_t mtu = 0;  // bytes behind the Ethernet header
};

// The error says that there is no such interface in this network namespace.
tl::expected<Interface, std::string> look_up_interface(const std::string& name);

// Removes the socket file of a memif server that is gone; the next one could not listen there. The error says
// that somebody listens.
tl::expected<void, std::string> remove_stale_socket(const std::string& path);

}  // namespace railyard::lab
