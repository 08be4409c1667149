// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fabrics.h"

#include <algorithm>

#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/fabric_parameters.h"

namespace railyard {
namespace {

bool same(FabricSettings a, FabricSettings b) {
  const auto ours = bind(a), others = bind(b);
  return std::equal(ours.begin(), ours.end(), others.begin(),
                    [](const BoundParameter& x, const BoundParameter& y) { return x.text() == y.text(); });
}

}  // namespace

tl::expected<std::shared_ptr<const FabricPlan>, std::string> Fabrics::of(const FabricSettings& settings) {
  for (const auto& [known, plan] : built_)
    if (same(known, settings)) return plan;
  auto plan = build_fabric(settings);
  if (!plan) return tl::make_unexpected(plan.error());
  return built_.emplace_back(settings, std::make_shared<const FabricPlan>(*std::move(plan))).second;
}

}  // namespace railyard
