// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/sonic_counters.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "traffic/units/priority_set.h"

namespace railyard::lab {
namespace {

using Json = nlohmann::json;
using Counters = std::map<std::string, uint64_t>;

// Names of SAI (saiport.h, saiqueue.h), which orchagent writes into COUNTERS_DB as they are.
constexpr const char* kOutOctets = "SAI_PORT_STAT_IF_OUT_OCTETS";
constexpr const char* kOutUnicast = "SAI_PORT_STAT_IF_OUT_UCAST_PKTS";
constexpr const char* kOutOther = "SAI_PORT_STAT_IF_OUT_NON_UCAST_PKTS";
constexpr const char* kInDiscards = "SAI_PORT_STAT_IF_IN_DISCARDS";
constexpr const char* kOutDiscards = "SAI_PORT_STAT_IF_OUT_DISCARDS";
constexpr const char* kPortMarked = "SAI_PORT_STAT_ECN_MARKED_PACKETS";
constexpr const char* kQueueMarked = "SAI_QUEUE_STAT_WRED_ECN_MARKED_PACKETS";

// A hash of the database, whether or not the dump tells its type.
const Json* hash_at(const Json& dump, const std::string& key) {
  const auto entry = dump.find(key);
  if (entry == dump.end() || !entry->is_object()) return nullptr;
  const auto value = entry->find("value");
  const Json& hash = value == entry->end() ? *entry : *value;
  return hash.is_object() ? &hash : nullptr;
}

bool parse_count(const Json& text, uint64_t& count) {
  if (text.is_number_unsigned()) {
    count = text.get<uint64_t>();
    return true;
  }
  if (!text.is_string()) return false;
  const auto& digits = text.get_ref<const std::string&>();
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
}

void add_counters(const Json& dump, const Json& oid, Counters& counters) {
  if (!oid.is_string()) return;
  const Json* hash = hash_at(dump, "COUNTERS:" + oid.get<std::string>());
  if (hash == nullptr) return;
  for (const auto& [name, text] : hash->items()) {
    uint64_t count = 0;
    if (parse_count(text, count)) counters[name] += count;
  }
}

Json parse_json(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

// The difference of one counter, which may be missing on a platform that does not count it.
class Difference {
 public:
  Difference(std::string port, const Counters& before, const Counters& after,
             std::vector<std::string>& problems)
      : port_(std::move(port)), before_(before), after_(after), problems_(problems) {}

  bool has(const std::string& name) const { return before_.count(name) != 0 && after_.count(name) != 0; }
  uint64_t of(const std::string& name) {
    if (!has(name)) return 0;
    const uint64_t first = before_.at(name), last = after_.at(name);
    if (last >= first) return last - first;
    problems_.push_back(fmt::format("{}: {} went back from {} to {}: it was cleared during the run", port_,
                                    name, first, last));
    return 0;
  }
  uint64_t pfc(std::string_view direction) {
    uint64_t sum = 0;
    for (unsigned priority = 0; priority < kPriorities; ++priority)
      sum += of(fmt::format("SAI_PORT_STAT_PFC_{}_{}_PKTS", priority, direction));
    return sum;
  }

 private:
  std::string port_;
  const Counters &before_, &after_;
  std::vector<std::string>& problems_;
};

}  // namespace

tl::expected<SonicCounters, std::string> parse_sonic_counters(const std::string& text) {
  const Json dump = parse_json(text);
  if (!dump.is_object()) return tl::make_unexpected("the dump of COUNTERS_DB is no JSON object");
  const Json* ports = hash_at(dump, "COUNTERS_PORT_NAME_MAP");
  if (ports == nullptr)
    return tl::make_unexpected(
        "the dump of COUNTERS_DB has no COUNTERS_PORT_NAME_MAP; is this a SONiC switch?");
  SonicCounters counters;
  for (const auto& [name, oid] : ports->items()) add_counters(dump, oid, counters[name]);
  // "Ethernet4:3" is queue 3 of Ethernet4.
  if (const Json* queues = hash_at(dump, "COUNTERS_QUEUE_NAME_MAP"); queues != nullptr)
    for (const auto& [name, oid] : queues->items()) {
      const auto port = counters.find(name.substr(0, name.find(':')));
      if (port != counters.end()) add_counters(dump, oid, port->second);
    }
  return counters;
}

tl::expected<std::map<std::string, uint64_t>, std::string> parse_sonic_speeds(const std::string& text) {
  const Json config = parse_json(text);
  if (!config.is_object() || !config.contains("PORT") || !config["PORT"].is_object())
    return tl::make_unexpected("the running configuration is no JSON object with a PORT table");
  constexpr uint64_t kMegabit = 1'000'000;
  std::map<std::string, uint64_t> speeds;
  for (const auto& [name, port] : config["PORT"].items()) {
    uint64_t megabits = 0;
    if (port.is_object() && port.contains("speed") && parse_count(port["speed"], megabits))
      speeds[name] = megabits * kMegabit;
  }
  return speeds;
}

SwitchPorts ports_between(const std::string& node, const std::vector<std::string>& ports,
                          const SonicCounters& before, const SonicCounters& after,
                          const std::map<std::string, uint64_t>& speeds) {
  SwitchPorts result;
  for (size_t i = 0; i < ports.size(); ++i) {
    const auto first = before.find(ports[i]), last = after.find(ports[i]);
    if (first == before.end() || last == after.end()) {
      result.problems.push_back(fmt::format(
          "{}: the switch has no counters of a port '{}'; correct lab.switches[].ports", node, ports[i]));
      continue;
    }
    Difference difference(fmt::format("{} ({})", node, ports[i]), first->second, last->second,
                          result.problems);
    record::Port port;
    port.node = node;
    port.name = fmt::format("{}:{}", node, i);
    port.is_switch = true;
    if (const auto speed = speeds.find(ports[i]); speed != speeds.end()) port.rate = BitRate{speed->second};
    port.tx_packets = difference.of(kOutUnicast) + difference.of(kOutOther);
    port.tx_bytes = difference.of(kOutOctets);
    port.ecn_marked = difference.has(kQueueMarked) ? difference.of(kQueueMarked) : difference.of(kPortMarked);
    if (!difference.has(kQueueMarked) && !difference.has(kPortMarked))
      result.problems.push_back(
          fmt::format("{} ({}): this platform counts no ECN marks; its 0 means unknown", node, ports[i]));
    port.drops[static_cast<size_t>(DropReason::SharedFull)] = difference.of(kInDiscards);
    port.drops[static_cast<size_t>(DropReason::EgressFull)] = difference.of(kOutDiscards);
    port.pfc_pauses_sent = difference.pfc("TX");
    port.pfc_pauses_received = difference.pfc("RX");
    result.ports.push_back(std::move(port));
  }
  return result;
}

}  // namespace railyard::lab
