// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/parameter_reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "tools/scenario/sections.h"
#include "traffic/protocol/switching/fault_settings.h"

namespace railyard {
namespace {

using Json = nlohmann::ordered_json;

// All sections, as a scenario and a job without any values of their own have them.
struct Everything {
  Scenario scenario;
  Job job;
  std::vector<Section> network = network_sections(scenario.network);
  std::vector<Section> run = run_sections(scenario);
  std::vector<Section> sources = source_sections(job);
  Section placement = placement_section(job);
  LabAgent agent;
  LabPort port;
  LabSwitch lab_switch;
  Section lab = lab_section(scenario.lab);
  Section agents = {"agents", "One entry an agent, each a process of railyard-agent",
                    agent_parameters(agent)};
  Section ports = {"ports", "One entry a port of that agent's; every NIC of the fabric has one",
                   port_parameters(port)};
  Section switches = {"switches", "One entry a switch of which counters and configuration are collected",
                      switch_parameters(lab_switch)};
  FaultSettings fault_settings;
  Section faults = {"faults", "What goes wrong on the links of a softswitch, in the simulation as in the lab",
                    bind(fault_settings)};
};

struct Titled {
  std::string path;  // "jobs[].incast"
  Section section;
};

std::vector<Titled> all_sections(Everything& all) {
  std::vector<Titled> titled = {{"", {"", "Top of the file", scenario_parameters(all.scenario)}}};
  for (const Section& section : all.network) titled.push_back({std::string(section.key), section});
  titled.push_back({"jobs[]", {"jobs", "One entry a job", job_parameters(all.job)}});
  for (const Section& section : all.sources)
    titled.push_back({fmt::format("jobs[].{}", section.key), section});
  titled.push_back({"jobs[].placement", all.placement});
  for (const Section& section : all.run) titled.push_back({std::string(section.key), section});
  titled.push_back({"lab", all.lab});
  titled.push_back({"lab.agents[]", all.agents});
  titled.push_back({"lab.agents[].ports[]", all.ports});
  titled.push_back({"lab.switches[]", all.switches});
  titled.push_back({"lab.switches[].faults", all.faults});
  return titled;
}

// "64 to 8192", "one of linear, random".
std::string allowed(const BoundParameter& parameter) {
  if (!parameter.choices.empty()) return fmt::format("one of {}", fmt::join(parameter.choices, ", "));
  return parameter.range();
}

std::string pattern_of(ParameterKind kind) {
  constexpr const char* kNumber = "^(0|[0-9]+(\\.[0-9]+)? ?";
  switch (kind) {
    case ParameterKind::Time:
      return fmt::format("{}(ps|ns|us|ms|s))$", kNumber);
    case ParameterKind::Size:
      return fmt::format("{}([kKMG]i?)?[bB]?)$", kNumber);
    case ParameterKind::Rate:
      return fmt::format("{}[kKMGT]?(bps|b/s|bit/s|bit))$", kNumber);
    default:
      return "";
  }
}

Json schema_of(const BoundParameter& parameter) {
  Json schema = {{"description", parameter.help}};
  const ParameterKind kind = parameter.kind();
  const auto limits = [&] {
    schema["minimum"] = parameter.minimum;
    if (parameter.maximum != kUnlimited) schema["maximum"] = parameter.maximum;
  };
  switch (kind) {
    case ParameterKind::Bool:
      schema["type"] = "boolean";
      break;
    case ParameterKind::Integer:
      schema["type"] = "integer";
      limits();
      break;
    case ParameterKind::Real:
      schema["type"] = "number";
      limits();
      break;
    case ParameterKind::Choice:
      schema["enum"] = parameter.choices;
      break;
    case ParameterKind::Time:
    case ParameterKind::Size:
    case ParameterKind::Rate:
      schema["type"] = {"string", "integer"};  // the integer 0 needs no unit
      schema["pattern"] = pattern_of(kind);
      schema["maximum"] = 0;
      break;
    case ParameterKind::Map:
      schema["type"] = "object";
      break;
    case ParameterKind::Priorities:
      schema["type"] = {"string", "integer", "array"};
      break;
    case ParameterKind::Text:
      schema["type"] = {"string", "integer", "array", "object"};
      break;
  }
  if (kind != ParameterKind::Map) schema["default"] = parameter.text();
  return schema;
}

Json object_schema(std::string_view help, const std::vector<BoundParameter>& parameters) {
  Json properties = Json::object();
  for (const BoundParameter& parameter : parameters)
    properties[std::string(parameter.name)] = schema_of(parameter);
  return {{"type", {"object", "null"}},
          {"description", help},
          {"properties", properties},
          {"additionalProperties", false}};
}

Json network_schema(const std::vector<Section>& sections) {
  Json properties = Json::object();
  for (const Section& section : sections) {
    Json& property = properties[std::string(section.key)];
    property = object_schema(section.help, section.parameters);
    Json presets = Json::array();
    if (section.algorithm)
      for (const CongestionPreset& preset : congestion_algorithms()[*section.algorithm].presets)
        presets.push_back(preset.name);
    if (!presets.empty())
      property["properties"]["preset"] = {{"description", "Start from a named set of values"},
                                          {"enum", presets}};
  }
  return properties;
}

Json job_schema(const Everything& all) {
  Job job = all.job;
  Json schema = object_schema("A job: a trace or a generator, and where it runs", job_parameters(job));
  Json one_of = Json::array();
  for (const Section& section : all.sources) {
    Json source = object_schema(section.help, section.parameters);
    if (section.key == "trace") source["type"] = {"object", "string"};
    schema["properties"][std::string(section.key)] = source;
    one_of.push_back({{"required", {section.key}}});
  }
  schema["type"] = "object";
  schema["oneOf"] = one_of;
  schema["properties"]["placement"] = object_schema(all.placement.help, all.placement.parameters);
  return schema;
}

Json list_of(const Section& section) {
  Json entry = object_schema(section.help, section.parameters);
  entry["type"] = "object";
  return {{"type", "array"}, {"items", entry}};
}

// A key may name a port and a direction before the fault: 2.in.drop.
Json faults_schema(const Everything& all) {
  Json patterns = Json::object();
  for (const BoundParameter& parameter : all.faults.parameters) {
    Json value = schema_of(parameter);
    if (parameter.kind() == ParameterKind::Real) {
      value["type"] = {"number", "string"};
      value["pattern"] = "^[0-9.]+%?$";
    }
    patterns[fmt::format("^(([0-9]+|in|out)\\.)*{}$", parameter.name)] = value;
  }
  return {{"type", "object"},
          {"description", all.faults.help},
          {"patternProperties", patterns},
          {"additionalProperties", false}};
}

Json lab_schema(const Everything& all) {
  Json schema = object_schema(all.lab.help, all.lab.parameters);
  Json agents = list_of(all.agents), switches = list_of(all.switches);
  agents["items"]["properties"]["ports"] = list_of(all.ports);
  agents["items"]["required"] = {"name", "address", "ports"};
  switches["items"]["properties"]["ports"] = {{"description", "Its own names, in the fabric's order"},
                                              {"type", "array"},
                                              {"items", {{"type", "string"}}}};
  switches["items"]["properties"]["faults"] = faults_schema(all);
  switches["items"]["required"] = {"name"};
  schema["properties"]["agents"] = agents;
  schema["properties"]["switches"] = switches;
  return schema;
}

// What has no row: keys whose values are not single parameters.
constexpr const char* kIntroduction = R"(# Parameters

Every key of a scenario file. This page is made by `railyard list parameters --markdown`; a test keeps it current.

Values of time, size and rate need a unit: `12.5us`, `64KiB`, `100Gbps`. Beside the tables below a scenario has

| key | value |
|---|---|
| `seeds` | a count (3 means 1, 2, 3) or a list |
| `settings` | the variants to compare: a name, and what it changes of {} |
{}| `jobs` | a list; each job has one of {} |
| `jobs[].trace` | the path alone, or a map with the keys below |
| `lab.switches[].ports` | a list of that switch's own names of its ports, in the fabric's order |
| `lab.switches[].faults` | a map with the keys below, for every link both ways; `2.drop` is of port 2 alone, `in.drop` of what comes in, `2.in.drop` of both; a share may end in `%`, and times are scaled if they are given |
| `expect` | a list such as `fct.p99 < 2ms`, `drops == 0`; an entry `setting: ...` holds for that setting only |

A map such as `dscp_to_tc_map` is written `{{26: 3, 40-47: 5}}`; entries that are not named keep their defaults.
)";

// "`fabric`, `switch` and `nic`".
std::string network_keys(const std::vector<Section>& sections) {
  std::vector<std::string> keys;
  for (const Section& section : sections) keys.push_back(fmt::format("`{}`", section.key));
  const std::string last = keys.back();
  keys.pop_back();
  return fmt::format("{} and {}", fmt::join(keys, ", "), last);
}

// A row of the introduction's table for each algorithm with presets.
std::string preset_rows() {
  std::string rows;
  for (const CongestionAlgorithm& algorithm : congestion_algorithms()) {
    std::vector<std::string> presets;
    for (const CongestionPreset& preset : algorithm.presets)
      presets.push_back(fmt::format("`{}`: {}", preset.name, preset.help));
    if (!presets.empty())
      rows += fmt::format("| `{}.preset` | {} |\n", algorithm.name, fmt::join(presets, "; "));
  }
  return rows;
}

}  // namespace

std::string parameters_as_text() {
  Everything all;
  std::string text;
  for (const Titled& titled : all_sections(all))
    for (const BoundParameter& parameter : titled.section.parameters) {
      const std::string path = titled.path.empty() ? std::string(parameter.name)
                                                   : fmt::format("{}.{}", titled.path, parameter.name);
      const std::string range = allowed(parameter);
      text +=
          fmt::format("{}\n    {}\n    {}{}{}; default {}\n", path, parameter.help, name_of(parameter.kind()),
                      range.empty() ? "" : ", ", range, parameter.text().empty() ? "none" : parameter.text());
    }
  return text;
}

std::string parameters_as_markdown() {
  Everything all;
  std::vector<std::string> sources;
  for (const Section& section : all.sources) sources.push_back(fmt::format("`{}`", section.key));
  std::string text =
      fmt::format(kIntroduction, network_keys(all.network), preset_rows(), fmt::join(sources, ", "));
  for (const Titled& titled : all_sections(all)) {
    text += titled.path.empty() ? fmt::format("\n## {}\n\n", titled.section.help)
                                : fmt::format("\n## `{}`\n\n{}.\n\n", titled.path, titled.section.help);
    text += "| key | type | default | range | what it is | source |\n|---|---|---|---|---|---|\n";
    for (const BoundParameter& parameter : titled.section.parameters) {
      const std::string value = parameter.text();
      text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", parameter.name, name_of(parameter.kind()),
                          value.empty() ? "" : fmt::format("`{}`", value), allowed(parameter), parameter.help,
                          parameter.source);
    }
  }
  return text;
}

std::string parameters_as_json_schema() {
  Everything all;
  Json schema = object_schema("A Railyard scenario", scenario_parameters(all.scenario));
  schema["type"] = "object";
  Json& properties = schema["properties"];
  properties["seeds"] = {{"description", "A count, or a list"}, {"type", {"integer", "array"}}};
  const Json network = network_schema(all.network);
  properties.update(network);
  properties["settings"] = {
      {"description", "The variants to compare"},
      {"type", "object"},
      {"additionalProperties",
       {{"type", {"object", "null"}}, {"properties", network}, {"additionalProperties", false}}}};
  properties["jobs"] = {{"type", "array"}, {"items", job_schema(all)}};
  for (const Section& section : all.run)
    properties[std::string(section.key)] = object_schema(section.help, section.parameters);
  properties["lab"] = lab_schema(all);
  properties["expect"] = {{"description", "What must come out, such as fct.p99 < 2ms"},
                          {"type", {"array", "object", "string"}}};
  schema["required"] = {"jobs"};
  Json document = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "Railyard scenario"}};
  document.update(schema);
  return document.dump(2) + "\n";
}

}  // namespace railyard
