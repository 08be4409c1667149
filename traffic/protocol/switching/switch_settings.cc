// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_settings.h"

#include <numeric>

namespace railyard {

QosMaps::QosMaps() {
  for (size_t dscp = 0; dscp < dscp_to_tc.size(); ++dscp)
    dscp_to_tc[dscp] = static_cast<uint8_t>(dscp / kPriorities);
  for (auto* map : {&tc_to_queue, &tc_to_pg, &pfc_to_queue, &pg_to_pfc})
    std::iota(map->begin(), map->end(), uint8_t{0});
}

}  // namespace railyard
