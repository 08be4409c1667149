// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/way.h"

namespace railyard::collective {

Way way_of(const CollectiveSettings& settings, Kind kind, uint64_t bytes, const TunedGroup& group) {
  const Algorithm* algorithm = &default_algorithm(kind);
  std::optional<TunedAlgorithm> fixed_algorithm = TunedAlgorithm::Ring;
  if (kind == Kind::AllReduce) {
    const std::string_view name = all_reduce_names()[settings.all_reduce];
    algorithm = find_algorithm(kind, name);
    fixed_algorithm = name == "tree" ? TunedAlgorithm::Tree : TunedAlgorithm::Ring;
    if (algorithm == nullptr) fixed_algorithm.reset();
  }
  std::optional<Protocol> protocol;
  if (settings.protocol != ProtocolChoice::Auto) protocol = static_cast<Protocol>(settings.protocol);
  if (algorithm != nullptr && protocol) return {algorithm, *protocol};
  const TunedChoice choice = fastest(kind, bytes, group, fixed_algorithm, protocol);
  if (algorithm == nullptr)
    algorithm = find_algorithm(kind, choice.algorithm == TunedAlgorithm::Tree ? "tree" : "ring");
  return {algorithm, choice.protocol};
}

}  // namespace railyard::collective
