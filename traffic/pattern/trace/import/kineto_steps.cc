// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace railyard::trace {
namespace {

constexpr std::string_view kProfilerStep = "ProfilerStep";
constexpr size_t kShownNames = 12;

struct Range {
  uint32_t first = 0;
  uint32_t last = 0;
};

// "12" or "12-14"
std::optional<Range> parse_range(std::string_view text) {
  Range range;
  const char* const end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data(), end, range.first);
  if (failed != std::errc()) return std::nullopt;
  range.last = range.first;
  if (at == end) return range;
  if (*at != '-') return std::nullopt;
  const auto [stop, wrong] = std::from_chars(at + 1, end, range.last);
  if (wrong != std::errc() || stop != end || range.last < range.first) return std::nullopt;
  return range;
}

// "ProfilerStep#12" is number 12 of "ProfilerStep"; a name without a number is itself.
std::pair<std::string, std::optional<Range>> split(const std::string& text) {
  const size_t mark = text.rfind('#');
  if (mark == std::string::npos || mark == 0) return {text, std::nullopt};
  const auto range = parse_range(std::string_view(text).substr(mark + 1));
  return range ? std::pair(text.substr(0, mark), range) : std::pair(text, std::optional<Range>());
}

// Which annotations `selection` means, of all in order of their start.
std::vector<KinetoAnnotation> choose(const std::string& selection, const std::vector<KinetoAnnotation>& all) {
  std::string wanted = selection;
  std::optional<Range> range = parse_range(selection);
  if (range) {
    wanted = kProfilerStep;
  } else if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.name == selection; })) {
    std::tie(wanted, range) = split(selection);
  }
  std::vector<KinetoAnnotation> chosen;
  uint32_t occurrence = 0;
  for (const KinetoAnnotation& one : all) {
    const auto [name, number] = split(one.name);
    if (one.name != wanted && name != wanted) continue;
    const uint32_t place = number && one.name != wanted ? number->first : occurrence;
    ++occurrence;
    if (!range || (range->first <= place && place <= range->last)) chosen.push_back(one);
  }
  return chosen;
}

bool covers(const std::vector<KinetoAnnotation>& annotations, int64_t at_ns) {
  return std::any_of(annotations.begin(), annotations.end(), [&](const KinetoAnnotation& one) {
    return one.start_ns <= at_ns && at_ns < one.end_ns;
  });
}

}  // namespace

tl::expected<void, std::string> keep_steps(const std::string& selection, KinetoFile& file) {
  std::stable_sort(file.annotations.begin(), file.annotations.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  if (selection.empty()) return {};
  std::vector<KinetoAnnotation> chosen = choose(selection, file.annotations);
  if (chosen.empty()) {
    std::string known;
    for (const std::string& name : step_names(file)) known += (known.empty() ? "" : ", ") + name;
    return tl::make_unexpected(fmt::format("{}: has no step '{}': {}", file.path, selection,
                                           known.empty()
                                               ? "nothing is marked in it; profile with a schedule and "
                                                 "profiler.step(), or mark steps with record_function"
                                               : "marked are " + known));
  }
  const auto outside = [&](const KinetoDeviceOperation& operation) {
    const auto launch = file.launches.find(operation.correlation);
    return !covers(chosen, launch != file.launches.end() ? launch->second.at_ns : operation.start_ns);
  };
  auto& operations = file.device_operations;
  operations.erase(std::remove_if(operations.begin(), operations.end(), outside), operations.end());
  file.annotations = std::move(chosen);
  return {};
}

std::vector<std::string> step_names(const KinetoFile& file) {
  std::optional<Range> steps;
  std::map<std::string, uint32_t> others;
  for (const KinetoAnnotation& one : file.annotations) {
    const auto [name, number] = split(one.name);
    if (name != kProfilerStep || !number) {
      ++others[one.name];
      continue;
    }
    if (!steps) steps = *number;
    steps->first = std::min(steps->first, number->first);
    steps->last = std::max(steps->last, number->last);
  }
  std::vector<std::string> names;
  if (steps && steps->first == steps->last) {
    names.push_back(fmt::format("{}#{}", kProfilerStep, steps->first));
  } else if (steps) {
    names.push_back(fmt::format("{}#{}-{}", kProfilerStep, steps->first, steps->last));
  }
  for (const auto& [name, count] : others) {
    if (names.size() >= kShownNames) break;
    names.push_back(count == 1 ? name : fmt::format("{} (x {})", name, count));
  }
  return names;
}

}  // namespace railyard::trace
