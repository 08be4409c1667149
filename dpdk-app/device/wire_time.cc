// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/wire_time.h"

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

namespace railyard::lab {
namespace {

struct DynamicField {
  int offset = -1;
  uint64_t flag = 0;
};

DynamicField received;

}  // namespace

bool register_receive_time() {
  return rte_mbuf_dyn_rx_timestamp_register(&received.offset, &received.flag) == 0;
}

std::optional<uint64_t> receive_time(const rte_mbuf* frame) {
  if (received.offset < 0 || (frame->ol_flags & received.flag) == 0) return std::nullopt;
  return *RTE_MBUF_DYNFIELD(frame, received.offset, const rte_mbuf_timestamp_t*);
}

}  // namespace railyard::lab
