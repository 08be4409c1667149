// SPDX-License-Identifier: BSD-3-Clause
// Unix sockets, by which a player is reached on its own machine without a token: the kernel says who is at
// the other end. Of descriptors, since Asio wraps none of it.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace railyard::lab {

// Gives the socket its path, with mode 0600 from the first moment. A socket that lies there and that nobody
// listens on any more is replaced where it is this process's user's own; anything else is an error.
tl::expected<void, std::string> bind_unix_socket(int socket, const std::string& path);

// Who made the other end: its process, and that its user is root or this process's own. The error says who.
tl::expected<std::string, std::string> trusted_peer(int socket);

}  // namespace railyard::lab
