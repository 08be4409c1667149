// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/scenario_loader.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/scenario/lab_reader.h"
#include "tools/scenario/overrides.h"
#include "tools/scenario/scenario_check.h"
#include "tools/scenario/sections.h"
#include "tools/scenario/tuner_file.h"
#include "tools/scenario/yaml_reader.h"
#include "traffic/parameter/file_name.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

// Until the whole scenario is known, an uplink rate that nobody has set; afterwards it is that of the links.
constexpr BitRate kAsLinks{std::numeric_limits<uint64_t>::max()};

class Loader {
 public:
  explicit Loader(const std::filesystem::path& file) : reader_(file.string()) {
    scenario_.file = file;
    scenario_.network.fabric.uplink_rate = kAsLinks;
  }

  tl::expected<Scenario, Errors> load(const std::string& text, const std::vector<std::string>& overrides);

 private:
  void read_document(const YAML::Node& document);
  void settle_files(NetworkSettings& network);
  std::vector<Key> network_keys(NetworkSettings& network);
  void read_section(const Section& section, const YAML::Node& node, NetworkSettings& network);
  void read_presets(const YAML::Node& map, NetworkSettings& network);
  void read_seeds(const YAML::Node& node);
  void read_settings(const YAML::Node& node);
  void read_job(const YAML::Node& node);
  void read_source(const Section& section, const YAML::Node& node, Job& job);
  void read_expectations(const YAML::Node& node, const std::string& setting);
  void check_name(const YAML::Node& node, std::string_view what, const std::string& name);

  YamlReader reader_;
  Scenario scenario_;
};

// How many bytes a character takes that begins with `first`; 0 where none does. RFC 3629.
size_t utf8_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// The first line with bytes that are no UTF-8, from 1; 0 where there is none.
int line_that_is_no_utf8(std::string_view text) {
  int line = 1;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || at + length > text.size()) return line;
    for (size_t i = 1; i < length; ++i)
      if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return line;
    if (text[at] == '\n') ++line;
    at += length;
  }
  return 0;
}

// Where a tab indents the line of that number, from 1; line 0 where none does.
Place indenting_tab(std::string_view text, int line) {
  for (int n = 1; n < line; ++n) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const size_t tab = text.substr(0, text.find_first_not_of(" -\t")).find('\t');
  return tab == std::string_view::npos ? Place() : Place{line, static_cast<int>(tab) + 1};
}

void settle_uplinks(FabricSettings& fabric) {
  if (fabric.uplink_rate == kAsLinks) fabric.uplink_rate = fabric.link_rate;
}

// The value of `key`, where an error about it points; the map where it has none.
YAML::Node value_or_map(const YAML::Node& map, const char* key) {
  return map.IsMap() && map[key] ? map[key] : map;
}

tl::expected<Scenario, Errors> Loader::load(const std::string& text,
                                            const std::vector<std::string>& overrides) {
  if (const int line = line_that_is_no_utf8(text); line != 0) {
    reader_.error(Place{line, 1}, "this line is not UTF-8 text: save the file as UTF-8");
    return tl::make_unexpected(reader_.errors());
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty() || documents.front().IsNull())
      reader_.error(Place{1, 1}, "the file is empty: a scenario needs at least jobs");
    else if (documents.size() > 1)
      reader_.error(documents[1], "a scenario file holds one document; this begins a second one");
    else
      read_document(documents.front());
  } catch (const YAML::Exception& e) {
    if (const Place tab = indenting_tab(text, e.mark.line + 1); tab.line != 0)
      reader_.error(tab, "a tab: YAML indents by spaces");
    else
      reader_.error(Place{e.mark.line + 1, e.mark.column + 1}, fmt::format("this is not YAML: {}", e.msg));
  }
  Errors errors = reader_.errors();
  for (const std::string& override : overrides)
    if (const auto done = apply_override(scenario_, override); !done) errors.push_back(done.error());
  settle_uplinks(scenario_.network.fabric);
  for (Setting& setting : scenario_.settings) settle_uplinks(setting.network.fabric);
  if (errors.empty()) {
    settle_files(scenario_.network);
    if (reader_.errors().empty())
      for (Setting& setting : scenario_.settings) settle_files(setting.network);
    errors = reader_.errors();
  }
  if (errors.empty()) {
    check_scenario(scenario_, reader_);
    errors = reader_.errors();
  }
  if (!errors.empty()) return tl::make_unexpected(errors);
  return std::move(scenario_);
}

void Loader::settle_files(NetworkSettings& network) {
  CollectiveSettings& settings = network.collectives;
  for (const auto& [value, read] :
       {std::pair{&settings.tuner, &read_tuner}, {&settings.custom, &read_custom}}) {
    auto text = read(*value, scenario_.file.parent_path());
    if (text)
      *value = *std::move(text);
    else
      reader_.error(network.collectives_place, fmt::format("collectives: {}", text.error()));
  }
}

void Loader::read_document(const YAML::Node& document) {
  // Settings begin as copies of the scenario's own values, and expectations name settings: both wait.
  YAML::Node settings, expectations;
  bool has_jobs = false;
  std::vector<Key> keys = reader_.keys_of(scenario_parameters(scenario_));
  keys.push_back({"seeds", [&](const YAML::Node& node) { read_seeds(node); }});
  for (Key& key : network_keys(scenario_.network)) keys.push_back(std::move(key));
  keys.push_back({"settings", [&](const YAML::Node& node) { settings.reset(node); }, true});
  keys.push_back({"jobs", [&](const YAML::Node& node) {
                    has_jobs = true;
                    reader_.read_list(node, "jobs", [&](const YAML::Node& job) { read_job(job); });
                  }});
  for (const Section& section : run_sections(scenario_))
    keys.push_back({section.key,
                    [this, section](const YAML::Node& node) {
                      reader_.read_map(node, fmt::format("'{}'", section.key),
                                       reader_.keys_of(section.parameters));
                    },
                    true});
  keys.push_back({"lab", [&](const YAML::Node& node) { read_lab(reader_, node, scenario_.lab); }, true});
  keys.push_back({"expect", [&](const YAML::Node& node) { expectations.reset(node); }});
  read_presets(document, scenario_.network);
  reader_.read_map(document, "a scenario", keys);

  const bool is_named = document.IsMap() && document["name"];
  if (!is_named) scenario_.name = scenario_.file.stem().string();
  check_name(value_or_map(document, "name"), "name", scenario_.name);
  if (!has_jobs && document.IsMap())
    reader_.error(document, "there are no jobs: list at least one under 'jobs', with a trace or a generator");
  read_settings(settings);
  if (expectations.IsDefined() && !expectations.IsNull()) read_expectations(expectations, "");
}

std::vector<Key> Loader::network_keys(NetworkSettings& network) {
  std::vector<Key> keys;
  for (const Section& section : network_sections(network))
    keys.push_back(
        {section.key,
         [this, section, &network](const YAML::Node& node) { read_section(section, node, network); }, true});
  return keys;
}

void Loader::read_section(const Section& section, const YAML::Node& node, NetworkSettings& network) {
  std::vector<Key> keys = reader_.keys_of(section.parameters);
  if (section.key == "fabric") network.fabric_place = place_of(node);
  if (section.key == "switch") network.switch_place = place_of(node);
  if (section.key == "collectives") network.collectives_place = place_of(node);
  if (section.algorithm) keys.insert(keys.begin(), {"preset", [](const YAML::Node&) {}});
  reader_.read_map(node, fmt::format("'{}'", section.key), keys);
}

// Before all else of the map: what it says itself wins over a preset, wherever that stands.
void Loader::read_presets(const YAML::Node& map, NetworkSettings& network) {
  if (!map.IsMap()) return;
  for (const Section& section : network_sections(network)) {
    const YAML::Node of = map[std::string(section.key)];
    std::string name;
    if (!section.algorithm || !of || !of.IsMap() || !of["preset"] || of["preset"].IsNull()) continue;
    if (!reader_.read_scalar(of["preset"], "preset", name)) continue;
    if (const auto done = apply_preset(network, *section.algorithm, name); !done)
      reader_.error(of["preset"], fmt::format("preset: {}", done.error()));
  }
}

void Loader::read_seeds(const YAML::Node& node) {
  std::string text;
  if (node.IsSequence()) {
    std::vector<std::string> seeds;
    for (const YAML::Node& seed : node)
      if (reader_.read_scalar(seed, "seeds", text)) seeds.push_back(text);
    text = fmt::format("[{}]", fmt::join(seeds, ","));
  } else if (!reader_.read_scalar(node, "seeds", text)) {
    return;
  }
  if (const auto seeds = parse_seeds(text))
    scenario_.seeds = *seeds;
  else
    reader_.error(node, fmt::format("seeds: {}", seeds.error()));
}

void Loader::read_settings(const YAML::Node& node) {
  if (node.IsDefined()) {
    reader_.read_named(node, "'settings'", [&](const YAML::Node& name, const YAML::Node& body) {
      check_name(name, "a setting's name", name.Scalar());
      Setting setting{name.Scalar(), scenario_.network};
      read_presets(body, setting.network);
      reader_.read_map(body, fmt::format("the setting '{}'", setting.name), network_keys(setting.network));
      scenario_.settings.push_back(std::move(setting));
    });
  }
  if (scenario_.settings.empty()) scenario_.settings.push_back({"default", scenario_.network});
}

void Loader::read_job(const YAML::Node& node) {
  Job job;
  job.place = place_of(node);
  std::vector<std::string_view> sources;
  std::vector<Key> keys = reader_.keys_of(job_parameters(job));
  const std::vector<Section> sections = source_sections(job);
  for (size_t i = 0; i < sections.size(); ++i)
    keys.push_back({sections[i].key,
                    [&, i](const YAML::Node& value) {
                      sources.push_back(sections[i].key);
                      job.workload = i == 0 ? std::nullopt : std::optional(i - 1);
                      read_source(sections[i], value, job);
                    },
                    true});
  const Section placement = placement_section(job);
  keys.push_back({placement.key,
                  [&](const YAML::Node& value) {
                    reader_.read_map(value, "'placement'", reader_.keys_of(placement.parameters));
                  },
                  true});
  reader_.read_map(node, "a job", keys);
  if (!node.IsMap()) {
    if (node.IsNull()) reader_.error(node, "this job is empty");
    return;
  }
  if (sources.empty()) {
    std::vector<std::string_view> all;
    for (const Section& section : sections) all.push_back(section.key);
    reader_.error(node, fmt::format("this job has nothing to run: give it one of {}", fmt::join(all, ", ")));
  }
  if (sources.size() > 1)
    reader_.error(node, fmt::format("a job has one source, this has {}", fmt::join(sources, " and ")));
  if (!node["name"] && !sources.empty()) job.name = sources.front();
  if (node["name"]) check_name(node["name"], "a job's name", job.name);
  for (const Job& other : scenario_.jobs)
    if (other.name == job.name && !job.name.empty())
      reader_.error(node, fmt::format("two jobs are named '{}': give each a name of its own", job.name));
  scenario_.jobs.push_back(std::move(job));
}

void Loader::read_source(const Section& section, const YAML::Node& node, Job& job) {
  if (!job.workload && node.IsScalar()) {
    job.trace.path = node.Scalar();
  } else {
    reader_.read_map(node, fmt::format("'{}'", section.key), reader_.keys_of(section.parameters));
  }
  if (!job.workload && job.trace.path.empty()) reader_.error(node, "trace: the path is missing");
  for (const std::string* path : source_files(job))
    if (!std::filesystem::exists(scenario_.file.parent_path() / *path))
      reader_.error(node,
                    fmt::format("{}: there is no file or folder '{}' (paths start at the scenario file)",
                                section.key, *path));
}

// A list of expectations for all settings; entries may be maps from a setting to its own.
void Loader::read_expectations(const YAML::Node& node, const std::string& setting) {
  if (node.IsSequence()) {
    for (const YAML::Node& element : node) read_expectations(element, setting);
  } else if (node.IsMap() && setting.empty()) {
    reader_.read_named(node, "'expect'", [&](const YAML::Node& name, const YAML::Node& value) {
      std::vector<std::string_view> names;
      for (const Setting& s : scenario_.settings) names.push_back(s.name);
      if (std::find(names.begin(), names.end(), name.Scalar()) == names.end())
        reader_.error(name, fmt::format("expect: there is no setting '{}'{}", name.Scalar(),
                                        did_you_mean(name.Scalar(), names)));
      else
        read_expectations(value, name.Scalar());
    });
  } else if (std::string text; reader_.read_scalar(node, "expect", text)) {
    auto expectation = parse_expectation(text);
    if (!expectation) return reader_.error(node, fmt::format("expect: {}", expectation.error()));
    expectation->setting = setting;
    scenario_.expectations.push_back(*std::move(expectation));
  }
}

void Loader::check_name(const YAML::Node& node, std::string_view what, const std::string& name) {
  if (const std::string mistake = name_mistake(name); !mistake.empty())
    reader_.error(node, fmt::format("{}: {}", what, mistake));
}

}  // namespace

tl::expected<Scenario, Errors> parse_scenario(const std::string& text, const std::filesystem::path& file,
                                              const std::vector<std::string>& overrides) {
  return Loader(file).load(text, overrides);
}

tl::expected<Scenario, Errors> load_scenario(const std::filesystem::path& file,
                                             const std::vector<std::string>& overrides) {
  if (std::filesystem::is_directory(file))
    return tl::make_unexpected(
        Errors{fmt::format("{}: this is a folder; name a scenario file", file.string())});
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return tl::make_unexpected(Errors{fmt::format("{}: this file cannot be opened", file.string())});
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return parse_scenario(text, file, overrides);
}

}  // namespace railyard
