// SPDX-License-Identifier: BSD-3-Clause
#include "tools/experiment/run_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

std::string manifest_of(const Experiment& experiment, const report::RunSet& runs,
                        const std::vector<Library>& in_use) {
  const Scenario& scenario = experiment.scenario;
  Json settings = Json::array(), traces = Json::object(), digests = Json::object();
  for (const report::Setting& setting : runs.settings) settings.push_back(setting.name);
  for (const Job& job : scenario.jobs)
    if (!job.workload) traces[job.name] = job.trace.path;
  for (size_t i = 0; i < scenario.jobs.size(); ++i)
    digests[scenario.jobs[i].name] = experiment.trace_digests[i];
  Json libraries = Json::object();
  for (const Library& library : in_use) libraries[library.name] = library.version;
  Json manifest = {{"format", kManifestFormat},
                   {"railyard", runs.version},
                   {"command", runs.command},
                   {"scenario", runs.scenario},
                   {"configuration_sha256", runs.configuration_hash},
                   {"settings", settings},
                   {"seeds", scenario.seeds},
                   {"traces", traces},
                   {"trace_sha256", digests},
                   {"libraries", libraries}};
  for (const report::Failure& failure : runs.failures)
    manifest["failed"].push_back(
        {{"setting", failure.setting}, {"seed", failure.seed}, {"reason", failure.reason}});
  if (scenario.lab.time_scale != 1) manifest["time_scale"] = scenario.lab.time_scale;
  return manifest.dump(2) + "\n";
}

Done write_files(const fs::path& folder, const std::vector<TextFile>& files) {
  for (const TextFile& file : files)
    if (auto done = write_text(folder / file.name, file.text); !done) return done;
  return {};
}

Done write_records(const fs::path& folder, const report::RunSet& runs) {
  for (const report::Setting& setting : runs.settings)
    for (const report::Run& run : setting.runs) {
      const auto path = folder / fmt::format("{}-seed{}.ryrecord", setting.name, run.seed);
      if (auto done = record::write_record(path.string(), run.record); !done) return done;
    }
  return {};
}

// Whether `folder` can be made, by making one for a moment in the nearest folder above it that exists.
Done try_folder(const fs::path& folder) {
  std::error_code ignored;
  fs::path above = fs::absolute(folder).parent_path();
  while (above.has_relative_path() && !fs::exists(above, ignored)) above = above.parent_path();
  std::string name = (above / ".railyard-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    return tl::make_unexpected(
        fmt::format("the run folder {} cannot be made, since nothing can be written in {}: {}; name another "
                    "with --output",
                    folder.string(), above.string(), std::strerror(errno)));
  fs::remove(name, ignored);
  return {};
}

}  // namespace

tl::expected<fs::path, std::string> choose_folder(const std::string& requested, const std::string& scenario,
                                                  const std::string& hash) {
  std::error_code ignored;
  if (!requested.empty()) {
    fs::path folder = fs::path(requested).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();  // "results/"
    if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored))
      return tl::make_unexpected(
          fmt::format("--output {}: it is a file, and the run folder would take its place; name a new folder",
                      requested));
    if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
      return tl::make_unexpected(fmt::format(
          "--output {}: it exists and is not empty; name a new folder or remove this one", requested));
    if (fs::exists(folder, ignored) && access(folder.c_str(), W_OK | X_OK) != 0)
      return tl::make_unexpected(
          fmt::format("--output {}: nothing can be written there: {}", requested, std::strerror(errno)));
    return try_folder(folder).map([&] { return folder; });
  }
  constexpr size_t kHashDigits = 8;
  const std::string name = fmt::format("{}-{}", scenario, hash.substr(0, kHashDigits));
  fs::path folder = fs::path("runs") / name;
  for (unsigned n = 2; fs::exists(folder, ignored); ++n)
    folder = fs::path("runs") / fmt::format("{}-{}", name, n);
  return try_folder(folder).map([&] { return folder; });
}

Done write_run_folder(const fs::path& folder, const Experiment& experiment, const report::RunSet& runs,
                      const FolderExtras& extras) {
  TemporaryFolder temporary(folder);
  const fs::path& path = temporary.path();
  return temporary.create()
      .and_then(
          [&] { return write_text(path / "manifest.json", manifest_of(experiment, runs, extras.libraries)); })
      .and_then([&] {
        return write_text(path / "scenario.yaml", resolved_yaml(with_full_paths(experiment.scenario)));
      })
      .and_then([&] { return write_files(path, extras.files); })
      .and_then([&] { return write_records(path / "records", runs); })
      .and_then([&] { return report::write_tables(path.string(), runs); })
      .and_then([&] { return report::write_report((path / "report.html").string(), runs); })
      .and_then([&] { return temporary.move_into_place(); });
}

}  // namespace railyard
