// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/device_losses.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <rte_ethdev.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

#include "dpdk-app/device/packet_sockets.h"

namespace railyard::lab {
namespace {

// 0: none.
unsigned interface_of(uint16_t id) {
  rte_eth_dev_info info{};
  return rte_eth_dev_info_get(id, &info) == 0 ? info.if_index : 0;
}

std::string name_of(unsigned interface) {
  std::array<char, IF_NAMESIZE> name{};
  return interface != 0 && if_indextoname(interface, name.data()) != nullptr ? name.data() : "";
}

struct Dropped {
  uint64_t received = 0, sent = 0;
};

// From /proc/net/dev, which is the process's own network namespace's; /sys/class/net is that of whoever
// mounted it. Columns: 8 of what was received, then 8 of what was sent; the fourth of each are drops.
std::optional<Dropped> interface_drops(const std::string& interface) {
  std::ifstream file("/proc/net/dev");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    const size_t begin = line.find_first_not_of(' ');
    if (colon == std::string::npos || line.substr(begin, colon - begin) != interface) continue;
    constexpr size_t kColumns = 16, kReceived = 3, kSent = 11;
    std::array<uint64_t, kColumns> values{};
    const char* at = line.c_str() + colon + 1;
    for (uint64_t& value : values) {
      char* end = nullptr;
      value = std::strtoull(at, &end, 10);
      at = end;
    }
    return Dropped{values[kReceived], values[kSent]};
  }
  return std::nullopt;
}

// One request of SIOCETHTOOL's, whose first words are `command` and, for most, a number of strings.
bool ask_ethtool(const std::string& interface, void* request) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq asked{};
  interface.copy(asked.ifr_name, IFNAMSIZ - 1);
  asked.ifr_data = static_cast<char*>(request);
  const bool answered = ioctl(socket, SIOCETHTOOL, &asked) == 0;
  close(socket);
  return answered;
}

uint32_t statistics_count(const std::string& interface) {
  std::array<uint32_t, sizeof(ethtool_sset_info) / sizeof(uint32_t) + 1> words{};
  ethtool_sset_info head{};
  head.cmd = ETHTOOL_GSSET_INFO;
  head.sset_mask = uint64_t{1} << ETH_SS_STATS;
  std::memcpy(words.data(), &head, sizeof head);
  if (!ask_ethtool(interface, words.data())) return 0;
  std::memcpy(&head, words.data(), sizeof head);
  return head.sset_mask != 0 ? words[sizeof head / sizeof(uint32_t)] : 0;
}

}  // namespace

DeviceLosses device_losses(uint16_t id) {
  rte_eth_stats s{};
  rte_eth_stats_get(id, &s);
  DeviceLosses losses = {{"rx_missed", true, s.imissed},
                         {"rx_no_buffer", true, s.rx_nombuf},
                         {"rx_errors", true, s.ierrors},
                         {"tx_errors", false, s.oerrors}};
  const unsigned interface = interface_of(id);
  if (interface == 0) return losses;
  losses.push_back({"packet_socket", true, packet_socket_drops(interface)});
  const Dropped dropped = interface_drops(name_of(interface)).value_or(Dropped());
  losses.push_back({"interface.rx_dropped", true, dropped.received});
  losses.push_back({"interface.tx_dropped", false, dropped.sent});
  return losses;
}

DeviceLosses operator-(DeviceLosses after, const DeviceLosses& before) {
  for (size_t i = 0; i < after.size() && i < before.size(); ++i)
    after[i].frames -= std::min(after[i].frames, before[i].frames);
  return after;
}

std::vector<std::pair<std::string, uint64_t>> kernel_pause_counters(uint16_t id) {
  const std::string interface = name_of(interface_of(id));
  const uint32_t count = interface.empty() ? 0 : statistics_count(interface);
  if (count == 0) return {};
  std::vector<char> names(sizeof(ethtool_gstrings) + size_t{count} * ETH_GSTRING_LEN);
  ethtool_gstrings strings{};
  strings.cmd = ETHTOOL_GSTRINGS;
  strings.string_set = ETH_SS_STATS;
  strings.len = count;
  std::memcpy(names.data(), &strings, sizeof strings);
  std::vector<uint64_t> values(sizeof(ethtool_stats) / sizeof(uint64_t) + count);
  ethtool_stats statistics{};
  statistics.cmd = ETHTOOL_GSTATS;
  statistics.n_stats = count;
  std::memcpy(values.data(), &statistics, sizeof statistics);
  if (!ask_ethtool(interface, names.data()) || !ask_ethtool(interface, values.data())) return {};
  std::vector<std::pair<std::string, uint64_t>> pauses;
  for (uint32_t i = 0; i < count; ++i) {
    const char* text = names.data() + sizeof strings + size_t{i} * ETH_GSTRING_LEN;
    const std::string_view name(text, strnlen(text, ETH_GSTRING_LEN));
    if (name.find("pause") != std::string_view::npos || name.find("pfc") != std::string_view::npos)
      pauses.emplace_back(name, values[sizeof statistics / sizeof(uint64_t) + i]);
  }
  return pauses;
}

}  // namespace railyard::lab
