// SPDX-License-Identifier: BSD-3-Clause
// The kinds of generated jobs, one row each. The loader, `--set`, the writer, the parameters' page and the
// maker of traces go over this table: a new kind is a file of its own and a line in workloads().
#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/rank_source.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/units/quantity.h"

namespace railyard {

// What a job's maker may know of the run beside the job's own settings.
struct WorkloadContext {
  uint64_t seed = 1;              // the run's
  std::string job;                // its name, which tells its draws from other jobs'
  std::filesystem::path folder;   // of the scenario file: where relative paths start
  BitRate link_rate = BitRate{};  // of the hosts' links, as the scenario's fabric has it
};

// What a job does, rank by rank. The error is one sentence: a setting out of range, or what is wrong with a
// file.
using MadeJob = tl::expected<std::shared_ptr<const trace::RankSource>, std::string>;

struct Workload {
  std::string_view key;   // of its section in a scenario's job, and in error messages
  std::string_view help;  // one sentence, no full stop
  std::any defaults;      // its settings
  std::vector<BoundParameter> (*bind)(std::any& settings) = nullptr;
  // Nothing where only making it tells.
  std::optional<uint32_t> (*ranks)(const std::any& settings) = nullptr;
  MadeJob (*make)(const std::any& settings, const WorkloadContext& context) = nullptr;
  // Whether what is made is drawn from the run's seed.
  bool (*depends_on_seed)(const std::any& settings) = nullptr;
  // Those of its settings that name files, where they are not empty.
  std::vector<std::string*> (*files)(std::any& settings) = nullptr;
};

const std::vector<Workload>& workloads();

// The settings of every kind, as a value. What was bound to an object stays bound to it.
class WorkloadSettings {
 public:
  WorkloadSettings();  // defaults everywhere

  // `kind` is an index in workloads().
  std::vector<BoundParameter> bind(size_t kind) { return workloads()[kind].bind(settings_[kind]); }
  std::vector<std::string*> files(size_t kind) { return workloads()[kind].files(settings_[kind]); }
  const std::any& of(size_t kind) const { return settings_[kind]; }

  // Of the kind whose settings are of type S.
  template <class S>
  S& get() {
    return std::any_cast<S&>(settings_[kind_of<S>()]);
  }
  template <class S>
  const S& get() const {
    return std::any_cast<const S&>(settings_[kind_of<S>()]);
  }
  // Its index in workloads().
  template <class S>
  static size_t kind_of() {
    for (size_t kind = 0; kind < workloads().size(); ++kind)
      if (workloads()[kind].defaults.type() == typeid(S)) return kind;
    throw std::bad_any_cast();
  }

 private:
  std::vector<std::any> settings_;  // by kind
};

inline MadeJob source_of_made(MadeJob made) {
  return made;
}
inline MadeJob source_of_made(tl::expected<trace::Trace, std::string> made) {
  if (!made) return tl::make_unexpected(std::move(made).error());
  return trace::HeldTrace::of(*std::move(made));
}

// A row for settings of type S. `kRanks` is called with (const S&), `kMake` with (const S&, const
// WorkloadContext&); it makes a source, or a whole trace.
template <class S, auto kRanks, auto kMake>
Workload workload_row(std::string_view key, std::string_view help) {
  Workload row;
  row.key = key;
  row.help = help;
  row.defaults = S{};
  row.bind = [](std::any& settings) { return railyard::bind(std::any_cast<S&>(settings)); };
  row.ranks = [](const std::any& settings) -> std::optional<uint32_t> {
    return kRanks(std::any_cast<const S&>(settings));
  };
  row.make = [](const std::any& settings, const WorkloadContext& context) {
    return source_of_made(kMake(std::any_cast<const S&>(settings), context));
  };
  row.depends_on_seed = [](const std::any&) { return false; };
  row.files = [](std::any&) { return std::vector<std::string*>(); };
  return row;
}

}  // namespace railyard
