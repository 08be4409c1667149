// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/queue_lane.h"

namespace railyard::lab {

bool QueueLane::poll() {
  bool busy = false;
  for (Post post; posts_.pop(post); busy = true) player_->post(post.flow, post.bytes, post.at);
  return player_->poll() || busy;
}

bool QueueLane::tell(MessageEvents& ranks) {
  bool told = false;
  for (Event event; events_.pop(event); told = true) (ranks.*event.what)(event.flow, event.at);
  return told;
}

}  // namespace railyard::lab
