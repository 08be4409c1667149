// SPDX-License-Identifier: BSD-3-Clause
// Receives from a Linux interface what a wire would bring, in place of DPDK's packet ring.
//
// Kernels leave checksums and the cutting of large TCP frames to the interface (offload), a veth's as well.
// DPDK's ring does not tell which frames are such, and truncates the large ones. This one has the kernel's
// account of each frame (virtio_net_hdr), and gets those whole that no slot holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/device/offload.h"
#include "dpdk-app/device/offload_counters.h"

struct rte_mbuf;
struct rte_mempool;
struct tpacket2_hdr;

namespace railyard::lab {

class PacketReceiver {
 public:
  // The interface's packet sockets that this process has by now receive nothing more. `pool` must outlive it.
  static tl::expected<std::unique_ptr<PacketReceiver>, std::string> open(const std::string& interface,
                                                                         uint32_t max_frame_bytes,
                                                                         rte_mempool* pool);
  ~PacketReceiver();
  PacketReceiver(const PacketReceiver&) = delete;
  PacketReceiver& operator=(const PacketReceiver&) = delete;

  // As many as have come, or as there is room for; does not wait.
  uint16_t receive(rte_mbuf** frames, uint16_t room);
  const OffloadCounters& counters() const { return counters_; }
  uint64_t packets() const { return packets_; }
  uint64_t bytes() const { return bytes_; }

 private:
  PacketReceiver(int socket, uint32_t max_frame_bytes, rte_mempool* pool);
  tl::expected<void, std::string> set_up(unsigned interface_index);
  tl::expected<void, std::string> make_ring();
  bool take_next();
  void take(const tpacket2_hdr& slot);
  void deliver(const OffloadAccount& account, const uint8_t* bytes, size_t size);
  void cut(const OffloadAccount& account, const uint8_t* bytes, size_t size);
  rte_mbuf* make(size_t size);

  int socket_;
  size_t max_bytes_;  // without FCS
  rte_mempool* pool_;
  uint8_t* ring_ = nullptr;
  size_t slots_ = 0, slot_bytes_ = 0, next_ = 0;
  std::vector<uint8_t> whole_;      // a frame that no slot holds
  std::vector<rte_mbuf*> waiting_;  // what became of the last slot
  size_t given_ = 0;                // of them
  OffloadCounters counters_;
  uint64_t packets_ = 0, bytes_ = 0;
};

}  // namespace railyard::lab
