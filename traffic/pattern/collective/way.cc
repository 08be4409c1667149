// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/way.h"

#include <optional>
#include <string>

#include "traffic/pattern/collective/tuner_table.h"

namespace railyard::collective {
namespace {

std::optional<Way> way_by_table(const std::string& table, Kind kind, uint64_t bytes,
                                const TunedGroup& group) {
  if (table.empty()) return std::nullopt;
  const auto rows = parse_tuner_table(table);
  if (!rows) return std::nullopt;  // whoever set it has checked it
  for (const TunerRow& row : *rows) {
    if (!row.matches(kind, bytes, group)) continue;
    const bool tuned = kind != Kind::Broadcast && kind != Kind::Reduce;
    if (tuned && !predicted_microseconds(kind, row.algorithm, row.protocol, bytes, group)) continue;
    const Algorithm* algorithm =
        tuned ? find_algorithm(kind, name_of(row.algorithm)) : &default_algorithm(kind);
    return Way{algorithm, row.protocol, row.channels.value_or(kAllChannels)};
  }
  return std::nullopt;
}

}  // namespace

Way way_of(const CollectiveSettings& settings, Kind kind, uint64_t bytes, const TunedGroup& group) {
  if (const auto way = way_by_table(settings.tuner, kind, bytes, group)) return *way;
  const std::string_view name = settings.algorithm_name(kind);
  const Algorithm* algorithm = find_algorithm(kind, name);  // none: auto
  if (algorithm != nullptr && algorithm->lanes == Lanes::Trees) {
    // NCCL's CollNet and NVLS have no other protocol [NCCL 2.30, tuning.cc].
    if (group.reduces) return {algorithm, Protocol::Simple};
    algorithm = &default_algorithm(kind);
  }
  std::optional<TunedAlgorithm> fixed_algorithm;
  if (algorithm != nullptr)
    fixed_algorithm = name == "tree"  ? TunedAlgorithm::Tree
                      : name == "pat" ? TunedAlgorithm::Pat
                                      : TunedAlgorithm::Ring;
  std::optional<Protocol> protocol;
  if (settings.protocol != ProtocolChoice::Auto) protocol = static_cast<Protocol>(settings.protocol);
  if (algorithm != nullptr && protocol) return {algorithm, *protocol};
  const TunedChoice choice = fastest(kind, bytes, group, fixed_algorithm, protocol);
  if (algorithm == nullptr) algorithm = find_algorithm(kind, name_of(choice.algorithm));
  return {algorithm, choice.protocol};
}

bool may_go_by(const CollectiveSettings& settings, Lanes lanes) {
  for (const Algorithm& algorithm : algorithms())
    if (algorithm.lanes == lanes && settings.algorithm_name(algorithm.kind) == algorithm.name) return true;
  return false;
}

}  // namespace railyard::collective
