// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/straggler_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "traffic/record/stragglers.h"

namespace railyard::report {
namespace {

using record::Straggler;

constexpr double kWorthTelling = 0.05;  // of an iteration
constexpr double kMostly = 0.5;         // of the collectives

std::string in_words(double seconds) {
  return format_rounded(SimTime{static_cast<int64_t>(seconds * 1e12)});
}

// The job's rank that held up the others in this run.
std::optional<Straggler> straggler_of(const Run& run, uint32_t job) {
  for (const Straggler& s : record::find_stragglers(run.record)) {
    const double iteration = run.summary.jobs[s.job].iteration_p50;
    const bool is_telling = s.waited >= kWorthTelling * iteration &&
                            static_cast<double>(s.last) >= kMostly * static_cast<double>(s.collectives);
    if (s.job == job && is_telling) return s;
  }
  return std::nullopt;
}

// The mean over the setting's runs; nothing where it is not the same rank in all.
std::optional<Straggler> straggler_of(const Setting& setting, uint32_t job) {
  std::optional<Straggler> all;
  for (const Run& run : setting.runs) {
    const auto one = straggler_of(run, job);
    if (!one || (all && one->rank != all->rank)) return std::nullopt;
    if (!all) all = Straggler{one->job, one->rank, 0, 0, 0, 0};
    all->collectives += one->collectives, all->last += one->last;
    all->late += one->late, all->waited += one->waited;
  }
  if (!all) return std::nullopt;
  all->late /= static_cast<double>(setting.runs.size());
  all->waited /= static_cast<double>(setting.runs.size());
  return all;
}

std::string sentence(const Setting& setting, const Straggler& s, bool name_setting) {
  const record::JobSummary& job = setting.runs.front().summary.jobs[s.job];
  double iteration = 0;
  for (const Run& run : setting.runs) iteration += run.summary.jobs[s.job].iteration_p50;
  iteration /= static_cast<double>(setting.runs.size());
  return fmt::format(
      "{}rank {} of job '{}' held up the others: it came last to {} of {} collectives, {} later than the "
      "middle rank in each iteration, and the other {} ranks waited {} each for it, {:.0f} % of the "
      "iteration.",
      name_setting ? fmt::format("in setting {} ", setting.name) : "", s.rank, job.name, s.last,
      s.collectives, in_words(s.late), job.rank_count - 1, in_words(s.waited), 100 * s.waited / iteration);
}

}  // namespace

std::vector<std::string> straggler_sentences(const RunSet& runs) {
  std::vector<std::string> sentences;
  for (const Setting& setting : runs.settings) {
    if (setting.runs.empty()) continue;
    for (uint32_t job = 0; job < setting.runs.front().summary.jobs.size(); ++job)
      if (const auto straggler = straggler_of(setting, job))
        sentences.push_back(sentence(setting, *straggler, runs.settings.size() > 1));
  }
  return sentences;
}

}  // namespace railyard::report
