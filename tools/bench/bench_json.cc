// SPDX-License-Identifier: GPL-2.0-only
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "tools/bench/bench_report.h"
#include "traffic/record/statistics.h"

namespace railyard::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "railyard-bench";
constexpr int kVersion = 1;  // counts up when a field changes its meaning or goes away

Json json_of(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"caches", machine.caches},
          {"kernel", machine.kernel},
          {"compiler", machine.compiler},
          {"build_type", machine.build_type},
          {"optimised", machine.optimised},
          {"load_average", machine.load_average}};
}

Json json_of(const CaseFigures& c) {
  const record::Spread ns = record::spread_of(c.ns_per_hop);
  const auto hops = static_cast<double>(std::max<uint64_t>(c.packet_hops, 1));
  return {{"name", c.name},
          {"threads", c.threads},
          {"ns_per_hop", ns.median},
          {"ns_per_hop_of_runs", c.ns_per_hop},
          {"ns_per_data_hop", ns.median * hops / static_cast<double>(std::max<uint64_t>(c.data_hops, 1))},
          {"packet_hops", c.packet_hops},
          {"data_hops", c.data_hops},
          {"packet_hops_per_second", 1e9 / ns.median},
          {"events_per_hop", c.events_per_hop},
          {"wall_seconds", c.wall_seconds},
          {"cpu_seconds", c.cpu_seconds},
          {"set_up_seconds", c.set_up_seconds},
          {"peak_bytes", c.peak_bytes},
          {"ecn_marked", c.ecn_marked},
          {"pfc_pauses", c.pfc_pauses},
          {"drops", c.drops},
          {"notice", c.notice}};
}

Machine machine_from(const Json& json) {
  Machine machine;
  machine.cpu = json.at("cpu");
  machine.cores = json.at("cores");
  machine.caches = json.at("caches");
  machine.kernel = json.at("kernel");
  machine.compiler = json.at("compiler");
  machine.build_type = json.at("build_type");
  machine.optimised = json.at("optimised");
  machine.load_average = json.at("load_average");
  return machine;
}

CaseFigures case_from(const Json& json) {
  CaseFigures c;
  c.name = json.at("name");
  c.threads = json.at("threads");
  c.ns_per_hop = json.at("ns_per_hop_of_runs").get<std::vector<double>>();
  c.packet_hops = json.at("packet_hops");
  c.data_hops = json.at("data_hops");
  c.events_per_hop = json.at("events_per_hop");
  c.wall_seconds = json.at("wall_seconds");
  c.cpu_seconds = json.at("cpu_seconds");
  c.set_up_seconds = json.at("set_up_seconds");
  c.peak_bytes = json.at("peak_bytes");
  c.ecn_marked = json.at("ecn_marked");
  c.pfc_pauses = json.at("pfc_pauses");
  c.drops = json.at("drops");
  c.notice = json.at("notice");
  return c;
}

}  // namespace

std::string to_json(const BenchReport& report) {
  Json cases = Json::array();
  for (const CaseFigures& c : report.cases) cases.push_back(json_of(c));
  const Json json = {
      {"schema", kSchema}, {"version", kVersion}, {"machine", json_of(report.machine)}, {"cases", cases}};
  return json.dump(2) + "\n";
}

tl::expected<BenchReport, std::string> from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != kSchema || json.at("version") != kVersion)
      return tl::make_unexpected(
          fmt::format("not version {} of what railyard bench engine --json writes", kVersion));
    BenchReport report;
    report.machine = machine_from(json.at("machine"));
    for (const Json& c : json.at("cases")) {
      report.cases.push_back(case_from(c));
      if (report.cases.back().ns_per_hop.empty())
        return tl::make_unexpected(fmt::format("case {} has no runs", report.cases.back().name));
    }
    return report;
  } catch (const Json::exception& error) {
    return tl::make_unexpected(error.what());
  }
}

}  // namespace railyard::bench
