// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/shared_port.h"

#include <rte_mbuf.h>

#include "dpdk-app/agent/frame_kind.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {

SharedPort::SharedPort(QueuePairSpread spread) : spread_(std::move(spread)) {
  const uint32_t queues = spread_.queues();
  for (uint32_t i = 0; i < queues * queues; ++i) frames_.push_back(std::make_unique<Frames>());
}

SharedPort::~SharedPort() {
  for (const auto& frames : frames_)
    for (rte_mbuf* frame = nullptr; frames->pop(frame);) rte_pktmbuf_free(frame);
}

bool SharedPort::hand_over(rte_mbuf* frame, uint32_t by) {
  const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
  const size_t size = rte_pktmbuf_data_len(frame);
  const FrameLook look = look_at(bytes, size);
  if (look.kind == FrameKind::MacControl) {
    if (!decode_pause(bytes, size)) return false;  // counted once
    for (uint32_t to = 0; to < spread_.queues(); ++to) {
      if (to == by) continue;
      rte_mbuf_refcnt_update(frame, 1);
      frames(by, to).push(frame);
    }
    return false;
  }
  const uint32_t to =
      look.kind == FrameKind::Other || is_probe(look.queue_pair) ? 0 : spread_.queue_of(look.queue_pair, by);
  if (to == by) return false;
  frames(by, to).push(frame);
  return true;
}

uint16_t SharedPort::take(uint32_t queue, rte_mbuf** room, uint16_t count) {
  uint16_t taken = 0;
  for (uint32_t by = 0; by < spread_.queues(); ++by)
    while (by != queue && taken < count && frames(by, queue).pop(room[taken])) ++taken;
  return taken;
}

}  // namespace railyard::lab
