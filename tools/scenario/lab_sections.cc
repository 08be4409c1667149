// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/sections.h"
#include "tools/scenario/time_scale.h"

namespace railyard {

constexpr std::string_view kOurs = "Railyard's default";
constexpr double kSecond = 1e12;  // in picoseconds
constexpr double kVlans = 4094;   // IEEE 802.1Q: 0 and 4095 are reserved

const std::vector<Parameter<LabSettings>>& parameters_of(const LabSettings*) {
  using S = LabSettings;
  static const std::vector<Parameter<S>> rows = {
      {"time_scale", &S::time_scale, 1, kMostTimeScale,
       "Every time is multiplied and every rate divided by it, in the simulator and in the lab; "
       "nic.ack_timeout grows by its logarithm to base 2, rounded",
       kOurs},
      {"token_file", &S::token_file, 0, 0,
       "File with the secret that controller and players share, from the scenario file's folder; without "
       "one, players take orders over loopback and Unix sockets only, as root over the latter",
       kOurs},
      {"lateness_limit", &S::lateness_limit, 1, kSecond,
       "99th percentile of the packets' lateness, beyond which a run of the lab is invalid; scaled as every "
       "time is",
       kOurs},
  };
  return rows;
}

const std::vector<Parameter<LabAgent>>& parameters_of(const LabAgent*) {
  static const std::vector<Parameter<LabAgent>> rows = {
      {"name", &LabAgent::name, 0, 0, "Name in messages and in the report", "required"},
      {"address", &LabAgent::address, 0, 0,
       "Where railyard-agent listens, such as 10.1.0.7:7471 or unix:/run/agent.sock", "required"},
  };
  return rows;
}

const std::vector<Parameter<LabPort>>& parameters_of(const LabPort*) {
  static const std::vector<Parameter<LabPort>> rows = {
      {"nic", &LabPort::nic, 0, 0, "NIC of the fabric that this port plays: host3, or host3:nic1",
       "required"},
      {"port", &LabPort::port, 0, 0,
       "The agent's port: a PCI address such as 0000:3b:00.1, af_packet:eth1, af_xdp:eth1, "
       "memif:/run/x.sock, "
       "tap:name, or net_... with its arguments",
       "required"},
      {"ip", &LabPort::ip, 0, 0, "IPv4 address and prefix length, such as 10.0.0.1/24", "required"},
      {"gateway", &LabPort::gateway, 0, 0,
       "Next hop to what is outside of the prefix; without one, everybody is on the link", kOurs},
      {"vlan", &LabPort::vlan, 0, kVlans, "VLAN that frames are tagged with; 0 means untagged",
       "IEEE 802.1Q"},
  };
  return rows;
}

const std::vector<Parameter<LabSwitch>>& parameters_of(const LabSwitch*) {
  static const std::vector<Parameter<LabSwitch>> rows = {
      {"name", &LabSwitch::name, 0, 0, "Switch of the fabric that it plays: leaf0", "required"},
      {"kind",
       &LabSwitch::kind,
       "softswitch is Railyard's own, sonic is asked over SSH, of an unmanaged one nothing is collected",
       kOurs,
       {"softswitch", "sonic", "unmanaged"}},
      {"address", &LabSwitch::address, 0, 0,
       "softswitch: where it listens, such as 10.1.0.9:7472; sonic: what ssh takes, such as admin@leaf0",
       "required, but for unmanaged"},
  };
  return rows;
}

Section lab_section(LabSettings& lab) {
  return {"lab", "How the scenario is played on real NICs, and on which machines", bind(lab)};
}

std::vector<BoundParameter> agent_parameters(LabAgent& agent) {
  return bind(agent);
}

std::vector<BoundParameter> port_parameters(LabPort& port) {
  return bind(port);
}

std::vector<BoundParameter> switch_parameters(LabSwitch& lab_switch) {
  return bind(lab_switch);
}

}  // namespace railyard
