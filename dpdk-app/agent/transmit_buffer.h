// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/measurement/run_frames.h"

namespace railyard::lab {

constexpr uint16_t kBurst = 32;  // frames that a driver is given, or asked for, at once

// Frames on their way to the driver, and empty ones to fill.
class TransmitBuffer {
 public:
  TransmitBuffer(EthernetPort& port, uint16_t queue, rte_mempool* pool)
      : port_(port), queue_(queue), pool_(pool) {}
  ~TransmitBuffer() {
    rte_pktmbuf_free_bulk(empty_.data(), empty_count_);
    rte_pktmbuf_free_bulk(waiting_.data(), waiting_count_);
  }
  TransmitBuffer(const TransmitBuffer&) = delete;
  TransmitBuffer& operator=(const TransmitBuffer&) = delete;

  // How many frames can be taken now.
  uint32_t room() {
    const uint32_t wanted = kBurst - waiting_count_;
    if (empty_count_ < wanted) {
      if (rte_pktmbuf_alloc_bulk(pool_, empty_.data() + empty_count_, wanted - empty_count_) == 0)
        empty_count_ = wanted;
      else
        ++no_buffer_;
    }
    return std::min(wanted, empty_count_);
  }

  // There must be room. fill(bytes, capacity) returns the frame's length.
  template <class Fill>
  void add(Fill fill) {
    rte_mbuf* const frame = empty_[--empty_count_];
    const size_t length = fill(rte_pktmbuf_mtod(frame, uint8_t*), rte_pktmbuf_tailroom(frame));
    frame->data_len = static_cast<uint16_t>(length);
    frame->pkt_len = static_cast<uint32_t>(length);
    waiting_[waiting_count_++] = frame;
  }

  bool flush() {
    if (waiting_count_ == 0) return false;
    const uint16_t taken = port_.transmit(queue_, waiting_.data(), static_cast<uint16_t>(waiting_count_));
    if (taken < waiting_count_) {
      ++refused_;
      std::copy(waiting_.begin() + taken, waiting_.begin() + waiting_count_, waiting_.begin());
    }
    waiting_count_ -= taken;
    return taken != 0;
  }

  bool waiting() const { return waiting_count_ != 0; }
  uint64_t waiting(const RunFrames& of) const {
    return static_cast<uint64_t>(std::count_if(
        waiting_.begin(), waiting_.begin() + waiting_count_,
        [&](rte_mbuf* frame) { return of.has(rte_pktmbuf_mtod(frame, const uint8_t*), frame->data_len); }));
  }
  uint64_t refused() const { return refused_; }
  uint64_t no_buffer() const { return no_buffer_; }

 private:
  EthernetPort& port_;
  const uint16_t queue_;
  rte_mempool* const pool_;
  std::array<rte_mbuf*, kBurst> waiting_{}, empty_{};
  uint32_t waiting_count_ = 0, empty_count_ = 0;
  uint64_t refused_ = 0, no_buffer_ = 0;  // polls in which the driver, the pool had no room
};

}  // namespace railyard::lab
