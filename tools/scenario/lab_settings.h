// SPDX-License-Identifier: BSD-3-Clause
// The `lab:` section of a scenario: which machines play it, and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/scenario/place.h"
#include "traffic/units/quantity.h"

namespace railyard {

// A NIC of the fabric's, played by a port of an agent's.
struct LabPort {
  std::string nic;      // "host3" or "host3:nic1"
  std::string port;     // "0000:3b:00.1", "af_packet:eth1": dpdk-app/device/port_name.h
  std::string ip;       // "10.0.0.1/24"
  std::string gateway;  // empty: everybody is on the link
  uint32_t vlan = 0;    // 0: untagged
  Place place;
};

struct LabAgent {
  std::string name;
  std::string address;  // "10.1.0.7:7471", "unix:/run/agent.sock"
  std::vector<LabPort> ports;
  Place place;
};

enum class LabSwitchKind : uint8_t { Softswitch, Sonic, Unmanaged };

// "2.in.delay", "5ms": traffic/protocol/switching/fault_settings.h.
struct LabFault {
  std::string path;
  std::string text;
  Place place;
};

// A switch between the agents, of which counters and configuration are collected.
struct LabSwitch {
  std::string name;  // "leaf0"
  LabSwitchKind kind = LabSwitchKind::Softswitch;
  std::string address;             // softswitch: as an agent's; sonic: what ssh takes, "admin@leaf0"
  std::vector<std::string> ports;  // in the order of the fabric's ports of that switch
  std::vector<LabFault> faults;    // of a softswitch; later ones override earlier ones
  Place place;
};

struct LabSettings {
  bool present = false;  // false: only simulated; a time scale alone is present
  // Every time is multiplied and every rate divided by it, in both players: a fabric of 100 Gb/s is played
  // at 100 Mb/s with a scale of 1000.
  uint32_t time_scale = 1;
  std::string token_file;                               // shared secret; empty: loopback only
  SimTime lateness_limit = SimTime::microseconds(100);  // p99 of the pacer's, scaled like every time
  std::vector<LabAgent> agents;
  std::vector<LabSwitch> switches;
  Place place;
};

}  // namespace railyard
