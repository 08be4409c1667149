// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/way.h"

namespace railyard::collective {

Way way_of(const CollectiveSettings& settings, Kind kind, uint64_t bytes, const TunedGroup& group) {
  const std::string_view name = settings.algorithm_name(kind);
  const Algorithm* algorithm = find_algorithm(kind, name);  // none: auto
  std::optional<TunedAlgorithm> fixed_algorithm;
  if (algorithm != nullptr) fixed_algorithm = name == "tree" ? TunedAlgorithm::Tree : TunedAlgorithm::Ring;
  std::optional<Protocol> protocol;
  if (settings.protocol != ProtocolChoice::Auto) protocol = static_cast<Protocol>(settings.protocol);
  if (algorithm != nullptr && protocol) return {algorithm, *protocol};
  const TunedChoice choice = fastest(kind, bytes, group, fixed_algorithm, protocol);
  if (algorithm == nullptr)
    algorithm = find_algorithm(kind, choice.algorithm == TunedAlgorithm::Tree ? "tree" : "ring");
  return {algorithm, choice.protocol};
}

bool may_go_by(const CollectiveSettings& settings, Lanes lanes) {
  for (const Algorithm& algorithm : algorithms())
    if (algorithm.lanes == lanes && settings.algorithm_name(algorithm.kind) == algorithm.name) return true;
  return false;
}

}  // namespace railyard::collective
