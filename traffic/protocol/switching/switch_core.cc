// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_core.h"

#include <algorithm>

#include "traffic/protocol/switching/switch_layout.h"

namespace railyard {

SwitchCore::SwitchCore(const SwitchSettings& settings, const std::vector<Bytes>& headrooms,
                       RandomStream random)
    : class_of_dscp_(buffer_classes_of(settings.maps)),
      pool_(buffer_pool_of(settings, headrooms)),
      ingress_(headrooms.size()),
      enqueue_markers_(ecn_markers_of(settings, MarkingPoint::Enqueue)),
      dequeue_markers_(ecn_markers_of(settings, MarkingPoint::Dequeue)),
      marks_at_dequeue_(settings.ecn_marking_point == MarkingPoint::Dequeue),
      marks_by_time_(settings.green_reference_rate.bps != 0),
      lossy_egress_threshold_(DynamicThreshold::from_exponent(settings.lossy_dynamic_th)),
      random_(random),
      counters_(headrooms.size()),
      pfc_of_group_(settings.maps.pg_to_pfc),
      pause_quanta_(settings.pause_quanta),
      pause_rules_{settings.maps.pfc_to_queue,
                   std::max(SimTime{}, settings.pfc_response_time - settings.pipeline_latency)},
      pauses_(headrooms.size()) {
  for (size_t port = 0; port < ingress_.size(); ++port)
    for (uint32_t group = 0; group < kPriorities; ++group)
      ingress_[port][group].profile = buffer_profile_of(settings, group, headrooms[port]);
  while (usual_group_ + 1 < kPriorities && !ingress_.empty() && !ingress_[0][usual_group_].profile.lossless)
    ++usual_group_;
}

void SwitchCore::reset_counters(SimTime now) {
  for (SwitchCounters& counters : counters_) counters = {};
  for (PauseState& pauses : pauses_) pauses.reset_counters(now);
}

}  // namespace railyard
