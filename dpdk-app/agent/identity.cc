// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/identity.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <fstream>

#include "dpdk-app/agent/lab_agent.h"

namespace railyard::lab {
namespace {

std::string machine(const std::string& dpdk_version) {
  utsname kernel{};
  uname(&kernel);
  std::string processor = "unknown processor";
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    processor = line.substr(line.find(':') + 2);
    break;
  }
  return fmt::format("{}, Linux {}, {}", processor, kernel.release, dpdk_version);
}

}  // namespace

control::Identity identity_of(const AgentResources& resources, const TscClock& clock) {
  control::Identity identity;
  identity.set_name(resources.name);
  identity.set_kind(control::AGENT);
  identity.set_machine(machine(resources.dpdk_version));
  identity.set_tsc_error_ppm(clock.error().ppm);
  for (const EthernetPort& port : resources.ports) {
    control::PortStatus& status = *identity.add_ports();
    const LinkState link = port.link();
    status.set_name(port.name());
    status.set_driver(port.driver());
    status.set_mac(port.mac().data(), port.mac().size());
    status.set_link_up(link.up);
    status.set_link_bps(link.rate.bps);
    status.set_max_frame_bytes(port.capabilities().max_frame_bytes);
    status.set_hardware_pfc(port.capabilities().hardware_pfc);
    status.set_hardware_timestamps(port.capabilities().receive_timestamps);
    status.set_is_virtual(port.capabilities().is_virtual);
  }
  return identity;
}

}  // namespace railyard::lab
