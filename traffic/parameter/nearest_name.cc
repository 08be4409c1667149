// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/nearest_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace railyard {
namespace {

// Optimal string alignment distance.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(current);
  }
  return last[b.size()];
}

// What the field calls some of our names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kSynonyms = {{
    {"kmin", "green_min_threshold"},
    {"k_min", "green_min_threshold"},
    {"ecn_min", "green_min_threshold"},
    {"kmax", "green_max_threshold"},
    {"k_max", "green_max_threshold"},
    {"ecn_max", "green_max_threshold"},
    {"pmax", "green_drop_probability"},
    {"p_max", "green_drop_probability"},
    {"alpha", "dynamic_th"},
    {"leafs", "leaves"},
    {"tors", "leaves"},
    {"headroom", "xoff"},
    {"buffer_size", "mmu_size"},
    {"bandwidth", "link_rate"},
    {"latency", "link_delay"},
    {"pfc", "pfc_enable"},
    {"algorithm", "congestion_control"},
    {"cc", "congestion_control"},
}};

// "switch.kmin" as "switch.green_min_threshold", where that is among the names.
std::string_view meant_by_synonym(std::string_view word, const std::vector<std::string_view>& names) {
  const size_t dot = word.rfind('.');
  const std::string_view section = dot == std::string_view::npos ? "" : word.substr(0, dot + 1);
  std::string last(word.substr(section.size()));
  std::transform(last.begin(), last.end(), last.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [synonym, name] : kSynonyms) {
    if (synonym != last) continue;
    const std::string whole = std::string(section) + std::string(name);
    const auto found = std::find(names.begin(), names.end(), whole);
    if (found != names.end()) return *found;
  }
  return "";
}

}  // namespace

std::string_view nearest_name(std::string_view mistyped, const std::vector<std::string_view>& names) {
  if (const std::string_view meant = meant_by_synonym(mistyped, names); !meant.empty()) return meant;
  constexpr size_t kLettersPerEdit = 3;
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, mistyped.size() / kLettersPerEdit) + 1;
  for (const std::string_view name : names) {
    const size_t distance = edit_distance(mistyped, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view mistyped, const std::vector<std::string_view>& names) {
  const std::string_view name = nearest_name(mistyped, names);
  return name.empty() ? "" : fmt::format("; did you mean '{}'?", name);
}

}  // namespace railyard
