// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/ring_link.h"

#include <fmt/format.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <map>
#include <mutex>

namespace railyard::lab {
namespace {

constexpr unsigned kSlots = 1'024;  // as a NIC's descriptor ring has

rte_ring* make_ring(const std::string& name, char end, uint16_t queue) {
  return rte_ring_create(fmt::format("{}_{}{}", name, end, queue).c_str(), kSlots,
                         static_cast<int>(SOCKET_ID_ANY), RING_F_SP_ENQ | RING_F_SC_DEQ);
}

void free_ring(rte_ring* ring) {
  void* frame = nullptr;
  while (ring != nullptr && rte_ring_dequeue(ring, &frame) == 0)
    rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
  rte_ring_free(ring);
}

struct Links {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<RingLink>> by_name;
};

Links& links() {
  static Links instance;
  return instance;
}

}  // namespace

tl::expected<std::shared_ptr<RingLink>, std::string> RingLink::hold(const std::string& name,
                                                                    uint16_t queues) {
  const std::lock_guard<std::mutex> lock(links().mutex);
  std::weak_ptr<RingLink>& known = links().by_name[name];
  if (auto link = known.lock()) {
    if (link->to_a_.size() == queues) return link;
    return tl::unexpected(fmt::format("ring '{}' has {} queues at its other end, here {} are asked for", name,
                                      link->to_a_.size(), queues));
  }
  const std::shared_ptr<RingLink> link(new RingLink);
  for (uint16_t queue = 0; queue < queues; ++queue) {
    link->to_a_.push_back(make_ring(name, 'a', queue));
    link->to_b_.push_back(make_ring(name, 'b', queue));
    if (link->to_a_.back() == nullptr || link->to_b_.back() == nullptr) {
      return tl::unexpected(fmt::format("no memory for ring '{}': give DPDK more memory", name));
    }
  }
  known = link;
  return link;
}

RingLink::~RingLink() {
  for (rte_ring* ring : to_a_) free_ring(ring);
  for (rte_ring* ring : to_b_) free_ring(ring);
}

}  // namespace railyard::lab
