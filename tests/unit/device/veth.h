// SPDX-License-Identifier: BSD-3-Clause
// A cable in a network namespace of this process's own; the kernel removes both with the process.
#pragma once

#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace railyard::lab {

inline bool enter_network_namespace() {
  const auto user = getuid();
  const auto group = getgid();
  if (unshare(CLONE_NEWNET) == 0) return true;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return true;
}

// Makes a veth pair that carries no frame but those that are put there. False where that is not allowed.
inline bool make_cable(const std::string& one, const std::string& other, unsigned mtu) {
  const auto run = [](const std::string& command) { return std::system(command.c_str()) == 0; };
  std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
  const std::string size = " mtu " + std::to_string(mtu);
  return run("ip link add " + one + size + " type veth peer name " + other + size) &&
         run("ip link set " + one + " up") && run("ip link set " + other + " up");
}

}  // namespace railyard::lab
