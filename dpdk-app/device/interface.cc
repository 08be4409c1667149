// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/interface.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace railyard::lab {

tl::expected<Interface, std::string> look_up_interface(const std::string& name) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  Interface found;
  const bool has_flags = ioctl(socket, SIOCGIFFLAGS, &request) == 0;
  found.up = has_flags && (request.ifr_flags & IFF_UP) != 0;
  const bool has_mtu = has_flags && ioctl(socket, SIOCGIFMTU, &request) == 0;
  const int reason = errno;
  if (has_mtu) found.mtu = static_cast<uint32_t>(request.ifr_mtu);
  close(socket);
  if (has_mtu) return found;
  return tl::unexpected(
      fmt::format("interface '{}' cannot be looked up in this network namespace: {} (see ip link)", name,
                  std::strerror(reason)));
}

tl::expected<void, std::string> remove_stale_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  const bool listens = connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool stale = !listens && errno == ECONNREFUSED;
  close(socket);
  if (listens) {
    return tl::unexpected(
        fmt::format("another process is the server at '{}': leave out ',server' to be its client,"
                    " or name another socket",
                    path));
  }
  if (stale) unlink(path.c_str());
  return {};
}

}  // namespace railyard::lab
