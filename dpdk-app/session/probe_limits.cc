// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/probe_limits.h"

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/session/lab_plan.h"
#include "traffic/units/error.h"
#include "traffic/units/priority_set.h"

namespace railyard::lab {
namespace {

using Step = tl::expected<void, std::string>;

Step check_stream(const control::ProbeStream& s, size_t endpoints) {
  constexpr uint32_t kLargestDscp = 63;
  if (s.from() >= endpoints || s.to() >= endpoints || s.from() == s.to())
    return error("a probe from endpoint {} to {}: the plan has {}, and they must be two", s.from(), s.to(),
                 endpoints);
  if (s.kind() >= kProbeKinds || s.dscp() > kLargestDscp || s.payload() > kLargestMtu)
    return error("a probe of kind {}, DSCP {} and {} bytes: the largest are {}, {} and {}", s.kind(),
                 s.dscp(), s.payload(), kProbeKinds - 1, kLargestDscp, kLargestMtu);
  if (s.start_ps() < 0 || s.start_ps() > kLongestProbe.ps || s.interval_ps() <= 0 ||
      s.interval_ps() > kLongestProbe.ps)
    return error("a probe's start at {} ps or interval of {} ps is not within {}", s.start_ps(),
                 s.interval_ps(), format(kLongestProbe));
  return {};
}

}  // namespace

Step check_probe(const control::Probe& probe, size_t endpoints) {
  constexpr int kMostStreams = 100'000;
  if (probe.duration_ps() < kProbeSettles.ps || probe.duration_ps() > kLongestProbe.ps)
    return error("a probe of {} ps is not within {} and {}", probe.duration_ps(), format(kProbeSettles),
                 format(kLongestProbe));
  if (probe.bin_ps() < 0 || (probe.bin_ps() > 0 && probe.duration_ps() / probe.bin_ps() > kMostProbeBins))
    return error("a probe's bins of {} ps are more than {}", probe.bin_ps(), kMostProbeBins);
  if (probe.streams_size() > kMostStreams || probe.pauses_size() > kMostStreams)
    return error("a probe of {} streams and {} pauses: at most {}", probe.streams_size(), probe.pauses_size(),
                 kMostStreams);
  for (const control::ProbeStream& stream : probe.streams())
    if (auto good = check_stream(stream, endpoints); !good) return good;
  for (const control::ProbePause& pause : probe.pauses())
    if (pause.endpoint() >= endpoints || pause.priorities() >= 1u << kPriorities || pause.from_ps() < 0 ||
        pause.until_ps() < pause.from_ps() || pause.until_ps() > probe.duration_ps())
      return error("a probe's pause of endpoint {}, priorities {:#x}, from {} to {} ps, is out of range",
                   pause.endpoint(), pause.priorities(), pause.from_ps(), pause.until_ps());
  return {};
}

}  // namespace railyard::lab
