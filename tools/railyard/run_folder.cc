// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/run_folder.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/railyard/version.h"
#include "tools/report/report.h"
#include "tools/scenario/scenario_writer.h"
#include "traffic/record/record_file.h"

namespace railyard {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Done = tl::expected<void, std::string>;

constexpr int kManifestFormat = 1;

// A folder beside its final place, which is removed unless it is moved there.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& final_place)
      : final_(final_place),
        path_(final_place.parent_path() /
              fmt::format(".{}.partial-{}", final_place.filename().string(), getpid())) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

  Done create() {
    std::error_code error;
    fs::create_directories(path_ / "records", error);
    return error ? failed("cannot be made", path_, error) : Done();
  }
  Done move_into_place() {
    std::error_code error;
    fs::rename(path_, final_, error);
    return error ? failed("cannot be put in place", final_, error) : Done();
  }

 private:
  static Done failed(std::string_view what, const fs::path& path, std::error_code error) {
    return tl::make_unexpected(fmt::format("the run folder {} {}: {}", path.string(), what, error.message()));
  }
  fs::path final_, path_;
};

Done write_text(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (stream) return {};
  return tl::make_unexpected(fmt::format("{}: this file cannot be written", path.string()));
}

std::string manifest_of(const Scenario& scenario, const report::RunSet& runs) {
  Json settings = Json::array(), traces = Json::object();
  for (const report::Setting& setting : runs.settings) settings.push_back(setting.name);
  for (const Job& job : scenario.jobs)
    if (job.source == SourceKind::Trace) traces[job.name] = job.trace.path;
  Json libraries = Json::object();
  for (const Library& library : libraries_in_use()) libraries[library.name] = library.version;
  const Json manifest = {{"format", kManifestFormat},
                         {"railyard", runs.version},
                         {"command", runs.command},
                         {"scenario", runs.scenario},
                         {"configuration_sha256", runs.configuration_hash},
                         {"settings", settings},
                         {"seeds", scenario.seeds},
                         {"traces", traces},
                         {"libraries", libraries}};
  return manifest.dump(2) + "\n";
}

std::string timing_of(const Timing& timing) {
  utsname machine{};
  uname(&machine);
  Json runs = Json::array();
  for (const Timing::Run& run : timing.runs) {
    const double seconds = run.cost.runSeconds;
    runs.push_back(
        {{"setting", run.setting},
         {"seed", run.seed},
         {"set_up_seconds", run.cost.setUpSeconds},
         {"run_seconds", seconds},
         {"events", run.cost.events},
         {"packet_hops_per_second", seconds > 0 ? static_cast<double>(run.packet_hops) / seconds : 0}});
  }
  const Json json = {
      {"format", kManifestFormat},
      {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                              fmt::gmtime(std::chrono::system_clock::to_time_t(timing.started)))},
      {"seconds", timing.seconds},
      {"host", machine.nodename},
      {"machine", machine.machine},
      {"engine", timing.engine},
      {"arguments", timing.arguments},
      {"runs", runs}};
  return json.dump(2) + "\n";
}

// Run folders are moved about: in the copy of the scenario, captures are named by their full paths.
Scenario with_full_paths(Scenario scenario) {
  for (Job& job : scenario.jobs)
    if (job.source == SourceKind::Trace)
      job.trace.path = fs::absolute(scenario.file.parent_path() / job.trace.path).lexically_normal().string();
  return scenario;
}

Done write_records(const fs::path& folder, const report::RunSet& runs) {
  for (const report::Setting& setting : runs.settings)
    for (const report::Run& run : setting.runs) {
      const auto path = folder / fmt::format("{}-seed{}.ryrecord", setting.name, run.seed);
      if (auto done = record::write_record(path.string(), run.record); !done) return done;
    }
  return {};
}

}  // namespace

tl::expected<fs::path, std::string> choose_folder(const std::string& requested, const std::string& scenario,
                                                  const std::string& hash) {
  std::error_code ignored;
  if (!requested.empty()) {
    fs::path folder = fs::path(requested).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();  // "results/"
    if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
      return tl::make_unexpected(fmt::format(
          "--output {}: it exists and is not empty; name a new folder or remove this one", requested));
    return folder;
  }
  constexpr size_t kHashDigits = 8;
  const std::string name = fmt::format("{}-{}", scenario, hash.substr(0, kHashDigits));
  fs::path folder = fs::path("runs") / name;
  for (unsigned n = 2; fs::exists(folder, ignored); ++n)
    folder = fs::path("runs") / fmt::format("{}-{}", name, n);
  return folder;
}

Done write_run_folder(const fs::path& folder, const Scenario& scenario, const report::RunSet& runs,
                      const Timing& timing) {
  TemporaryFolder temporary(folder);
  const fs::path& path = temporary.path();
  return temporary.create()
      .and_then([&] { return write_text(path / "manifest.json", manifest_of(scenario, runs)); })
      .and_then([&] { return write_text(path / "scenario.yaml", resolved_yaml(with_full_paths(scenario))); })
      .and_then([&] { return write_text(path / "timing.json", timing_of(timing)); })
      .and_then([&] { return write_records(path / "records", runs); })
      .and_then([&] { return report::write_tables(path.string(), runs); })
      .and_then([&] { return report::write_report((path / "report.html").string(), runs); })
      .and_then([&] { return temporary.move_into_place(); });
}

}  // namespace railyard
