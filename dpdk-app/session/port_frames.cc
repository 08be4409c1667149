// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/port_frames.h"

namespace railyard::lab {

void describe(const PauseSources& sources, control::PortFrames& port) {
  const auto add = [&port](const std::string& mac, uint64_t frames) {
    control::PauseSource& source = *port.add_pauses_received();
    source.set_mac(mac);
    source.set_frames(frames);
  };
  for (const PauseSource& source : sources.sources())
    add({source.mac.begin(), source.mac.end()}, source.frames);
  if (sources.others() > 0) add("", sources.others());
}

void describe(const DeviceLosses& losses, control::PortFrames& port) {
  for (const DeviceLoss& loss : losses) {
    if (loss.frames == 0) continue;
    control::FrameCount& count = loss.received ? *port.add_lost_in() : *port.add_lost_out();
    count.set_name(loss.counter);
    count.set_frames(loss.frames);
  }
}

}  // namespace railyard::lab
