// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/packet_sockets.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace railyard::lab {
namespace {

std::vector<int> packet_sockets() {
  std::vector<int> sockets;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", unreadable)) {
    const std::string name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    int domain = AF_UNSPEC;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_PACKET)
      sockets.push_back(fd);
  }
  return sockets;
}

}  // namespace

void raise_send_buffers(uint64_t bytes) {
  const int wanted = static_cast<int>(std::min<uint64_t>(bytes, std::numeric_limits<int>::max()));
  for (const int socket : packet_sockets()) {
    // The first needs CAP_NET_ADMIN, the second stops at net.core.wmem_max.
    if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0)
      setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  }
}

std::vector<int> packet_sockets_of(unsigned interface_index) {
  std::vector<int> bound;
  for (const int socket : packet_sockets()) {
    sockaddr_ll address{};
    socklen_t size = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        address.sll_ifindex == static_cast<int>(interface_index))
      bound.push_back(socket);
  }
  return bound;
}

uint64_t least_send_buffer() {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for (const int socket : packet_sockets()) {
    int has = 0;
    socklen_t size = sizeof has;
    if (getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &has, &size) == 0)
      least = std::min(least, static_cast<uint64_t>(has));
  }
  return least;
}

uint64_t packet_socket_drops(unsigned interface) {
  static std::mutex reading;
  static std::map<int, uint64_t> dropped;  // by interface: what was read is 0 again
  const std::lock_guard lock(reading);
  for (const int socket : packet_sockets()) {
    sockaddr_ll address{};
    socklen_t size = sizeof address;
    tpacket_stats counted{};
    socklen_t counted_size = sizeof counted;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        getsockopt(socket, SOL_PACKET, PACKET_STATISTICS, &counted, &counted_size) == 0)
      dropped[address.sll_ifindex] += counted.tp_drops;
  }
  return dropped[static_cast<int>(interface)];
}

}  // namespace railyard::lab
