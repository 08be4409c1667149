// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace railyard::lab {
namespace {

// parse_address() holds paths to what fits.
sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(std::begin(address.sun_path), sizeof address.sun_path - 1);
  return address;
}

int bind_to(int socket, const sockaddr_un& address) {
  return bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

bool somebody_listens(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool refused = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
                       errno == ECONNREFUSED;
  close(probe);
  return !refused;
}

}  // namespace

tl::expected<void, std::string> bind_unix_socket(int socket, const std::string& path) {
  const sockaddr_un address = address_of(path);
  // bind() makes the file with the mode that the socket has [unix(7), "Pathname socket ownership"].
  if (fchmod(socket, S_IRUSR | S_IWUSR) != 0) return tl::make_unexpected(std::string(std::strerror(errno)));
  int error = bind_to(socket, address);
  if (error == EADDRINUSE) {
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0) {
      if (!S_ISSOCK(status.st_mode) || status.st_uid != geteuid())
        return tl::make_unexpected(fmt::format(
            "what lies there is no socket of user {}; remove it or choose another path", geteuid()));
      if (somebody_listens(address))
        return tl::make_unexpected(
            std::string("something listens there already; stop it or choose another path"));
      unlink(path.c_str());
    }
    error = bind_to(socket, address);
  }
  if (error != 0) return tl::make_unexpected(std::string(std::strerror(error)));
  return {};
}

tl::expected<std::string, std::string> trusted_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return tl::make_unexpected(fmt::format("who is there cannot be told: {}", std::strerror(errno)));
  if (peer.uid != 0 && peer.uid != geteuid())
    return tl::make_unexpected(
        fmt::format("user {} is at the other end of the Unix socket, and only user {} and root are trusted "
                    "there; run both ends as one user, or use a TCP address and a token",
                    peer.uid, geteuid()));
  return fmt::format("process {} of user {}", peer.pid, peer.uid);
}

}  // namespace railyard::lab
