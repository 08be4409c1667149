// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/lab_check.h"

#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/scenario/lab_address.h"
#include "traffic/protocol/switching/fault_settings.h"

namespace railyard {
namespace {

class Checker {
 public:
  Checker(const LabSettings& lab, const FabricPlan& plan, const ReportError& error)
      : lab_(lab), plan_(plan), error_(error) {}

  void check() {
    if (plan_.reducer_count() > 0 && !lab_.agents.empty())
      return error_(lab_.place,
                    "no lab reduces in its network, which only the simulator does: set "
                    "fabric.in_network_reduction to none");
    for (const LabAgent& agent : lab_.agents) check_agent(agent);
    if (!lab_.agents.empty()) check_every_nic_has_a_port();
    for (const auto& [port, interface] : interfaces_) check_reach(*port, interface);
    for (const LabSwitch& lab_switch : lab_.switches) check_switch(lab_switch);
  }

 private:
  void check_agent(const LabAgent& agent);
  void check_port(const LabAgent& agent, const LabPort& port);
  void check_ip(const LabPort& port);
  void check_gateway(const LabPort& port, const Ipv4Interface& interface);
  void check_every_nic_has_a_port();
  void check_reach(const LabPort& port, const Ipv4Interface& interface);
  void check_switch(const LabSwitch& lab_switch);
  void check_faults(const LabSwitch& lab_switch, uint32_t ports);
  void check_address(Place place, std::string_view who, const std::string& address);

  const LabSettings& lab_;
  const FabricPlan& plan_;
  const ReportError& error_;
  std::set<std::string> agent_names_, switch_names_;
  std::map<std::string, std::string> at_address_;  // who listens there
  std::map<uint32_t, const LabPort*> by_endpoint_;
  std::map<uint32_t, const LabPort*> by_ip_;
  std::vector<std::pair<const LabPort*, Ipv4Interface>> interfaces_;
};

void Checker::check_address(Place place, std::string_view who, const std::string& address) {
  if (!is_player_address(address))
    return error_(place, fmt::format("{}: '{}' is not an address: write host:port, such as 10.1.0.7:7471, or "
                                     "unix:/PATH of its socket",
                                     who, address));
  const auto [other, is_new] = at_address_.emplace(address, who);
  if (!is_new)
    error_(place, fmt::format("{}: {} listens at {} already: give each a port of its own", who, other->second,
                              address));
}

void Checker::check_agent(const LabAgent& agent) {
  if (!agent_names_.insert(agent.name).second)
    error_(agent.place, fmt::format("two agents are named '{}': give each a name of its own", agent.name));
  check_address(agent.place, fmt::format("agent '{}'", agent.name), agent.address);
  if (agent.ports.empty())
    error_(agent.place, fmt::format("agent '{}' has no ports: list at least one under 'ports', or leave the "
                                    "agent out",
                                    agent.name));
  std::set<std::string> names;
  for (const LabPort& port : agent.ports) {
    if (!names.insert(port.port).second)
      error_(port.place, fmt::format("port '{}' of agent '{}' is listed twice: a port plays one NIC",
                                     port.port, agent.name));
    check_port(agent, port);
  }
}

void Checker::check_port(const LabAgent& agent, const LabPort& port) {
  const auto endpoint = endpoint_of(port.nic, plan_);
  if (!endpoint) {
    error_(port.place,
           fmt::format("agent '{}': the fabric has no NIC '{}': its NICs are {} to {}", agent.name, port.nic,
                       nic_name(0, plan_), nic_name(plan_.endpoint_count() - 1, plan_)));
  } else if (const auto [other, is_new] = by_endpoint_.emplace(*endpoint, &port); !is_new) {
    error_(port.place, fmt::format("NIC '{}' has two ports, '{}' and '{}': leave one out", port.nic,
                                   other->second->port, port.port));
  }
  check_ip(port);
}

void Checker::check_ip(const LabPort& port) {
  const auto interface = parse_ipv4_interface(port.ip);
  if (!interface)
    return error_(port.place, fmt::format("{}: '{}' is not an IPv4 address with its prefix length: write it "
                                          "as 10.0.0.1/24",
                                          port.nic, port.ip));
  const auto [other, is_new] = by_ip_.emplace(interface->address, &port);
  if (!is_new)
    error_(port.place, fmt::format("{} and {} have the same IP address, {}: give each its own",
                                   other->second->nic, port.nic, port.ip));
  interfaces_.emplace_back(&port, *interface);
  if (!port.gateway.empty()) check_gateway(port, *interface);
}

void Checker::check_gateway(const LabPort& port, const Ipv4Interface& interface) {
  const auto gateway = parse_ipv4(port.gateway);
  if (!gateway)
    error_(port.place, fmt::format("{}: the gateway '{}' is not an IPv4 address: write it as 10.0.0.254",
                                   port.nic, port.gateway));
  else if (!interface.holds(*gateway) || *gateway == interface.address)
    error_(port.place, fmt::format("{}: the gateway {} is not a neighbour in {}: name the router's address "
                                   "on this link",
                                   port.nic, port.gateway, port.ip));
}

void Checker::check_every_nic_has_a_port() {
  constexpr size_t kMostNames = 8;
  std::vector<std::string> missing;
  for (uint32_t endpoint = 0; endpoint < plan_.endpoint_count(); ++endpoint)
    if (by_endpoint_.count(endpoint) == 0) missing.push_back(nic_name(endpoint, plan_));
  if (missing.empty()) return;
  const size_t more = missing.size() - std::min(missing.size(), kMostNames);
  missing.resize(missing.size() - more);
  error_(lab_.place,
         fmt::format("no agent has a port for {}{}: list one under an agent's 'ports', or make the "
                     "fabric smaller",
                     fmt::join(missing, ", "), more == 0 ? "" : fmt::format(" and {} more", more)));
}

void Checker::check_reach(const LabPort& port, const Ipv4Interface& interface) {
  if (!port.gateway.empty()) return;
  for (const auto& [other, other_interface] : interfaces_) {
    if (interface.holds(other_interface.address)) continue;
    return error_(port.place, fmt::format("{} ({}) cannot reach {} ({}): name a gateway, or put both in one "
                                          "prefix",
                                          port.nic, port.ip, other->nic, other->ip));
  }
}

void Checker::check_switch(const LabSwitch& lab_switch) {
  const std::string who = fmt::format("switch '{}'", lab_switch.name);
  if (!switch_names_.insert(lab_switch.name).second)
    return error_(lab_switch.place, fmt::format("{} is listed twice: leave one out", who));
  const auto node = switch_of(lab_switch.name, plan_);
  if (!node) {
    std::vector<std::string> names;
    for (size_t i = plan_.host_count; i < plan_.nodes.size(); ++i) names.push_back(plan_.nodes[i].name);
    return error_(lab_switch.place,
                  fmt::format("the fabric has no {}: its switches are {}", who,
                              names.size() == 1 ? names.front() : names.front() + " to " + names.back()));
  }
  const LabSwitchKind kind = lab_switch.kind;
  check_faults(lab_switch, plan_.nodes[*node].port_count);
  if (kind == LabSwitchKind::Softswitch) check_address(lab_switch.place, who, lab_switch.address);
  if (kind == LabSwitchKind::Unmanaged) return;
  if (lab_switch.ports.size() != plan_.nodes[*node].port_count)
    error_(lab_switch.place, fmt::format("{} has {} ports in the fabric and {} here: list one for each, "
                                         "in the fabric's order",
                                         who, plan_.nodes[*node].port_count, lab_switch.ports.size()));
  const std::set<std::string> names(lab_switch.ports.begin(), lab_switch.ports.end());
  if (names.size() != lab_switch.ports.size())
    error_(lab_switch.place, fmt::format("{} lists a port twice: each stands for one of the fabric's", who));
}

void Checker::check_faults(const LabSwitch& lab_switch, uint32_t ports) {
  if (lab_switch.faults.empty()) return;
  if (lab_switch.kind != LabSwitchKind::Softswitch)
    return error_(lab_switch.faults.front().place,
                  fmt::format("switch '{}' can have no faults: only a softswitch makes them; leave them out",
                              lab_switch.name));
  std::vector<PortFaults> by_port(ports);
  for (const LabFault& fault : lab_switch.faults)
    if (const auto set = set_fault(by_port, fault.path, fault.text); !set)
      error_(fault.place, fmt::format("switch '{}': {}", lab_switch.name, set.error()));
}

}  // namespace

void check_lab(const LabSettings& lab, const FabricPlan& plan, const ReportError& error) {
  Checker(lab, plan, error).check();
}

}  // namespace railyard
