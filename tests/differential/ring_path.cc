// SPDX-License-Identifier: BSD-3-Clause
#include "tests/differential/ring_path.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <string>

#include "traffic/units/quantity.h"

namespace railyard {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("DPDK: " + what + ": " + rte_strerror(rte_errno));
}

// Without huge pages, devices or files shared with other processes.
void initialise_eal() {
  static const bool done = [] {
    std::array<std::string, 8> words = {
        "differential",   "--no-huge",        "-m", "64", "--no-pci", "--no-shconf",
        "--no-telemetry", "--log-level=error"};
    std::array<char*, words.size()> arguments;
    for (size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) fail("rte_eal_init");
    return true;
  }();
  static_cast<void>(done);
}

rte_mempool* frame_pool() {
  constexpr unsigned kFrames = 2'047;
  constexpr uint16_t kRoom = RTE_PKTMBUF_HEADROOM + 9'216;
  static rte_mempool* const pool =
      rte_pktmbuf_pool_create("frames", kFrames, 0, 0, kRoom, static_cast<int>(SOCKET_ID_ANY));
  if (pool == nullptr) fail("rte_pktmbuf_pool_create");
  return pool;
}

std::string unique_name(const char* stem) {
  static unsigned count = 0;
  return stem + std::to_string(count++);
}

// A link of two ports: what goes out at one comes in at the other.
class RingLink {
 public:
  RingLink() {
    constexpr unsigned kSlots = 1'024;
    ring_ =
        rte_ring_create(unique_name("link").c_str(), kSlots, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    unused_ = rte_ring_create(unique_name("unused").c_str(), 2, SOCKET_ID_ANY, 0);
    if (ring_ == nullptr || unused_ == nullptr) fail("rte_ring_create");
    transmitter_ = make_port(unused_, ring_);
    receiver_ = make_port(ring_, unused_);
  }

  ~RingLink() {
    for (uint16_t port : {transmitter_, receiver_}) {
      rte_eth_dev_stop(port);
      rte_eth_dev_close(port);
    }
    rte_ring_free(ring_);
    rte_ring_free(unused_);
  }

  RingLink(const RingLink&) = delete;
  RingLink& operator=(const RingLink&) = delete;

  void transmit(rte_mbuf* frame, SimTime arrives) {
    if (rte_eth_tx_burst(transmitter_, 0, &frame, 1) != 1) fail("rte_eth_tx_burst refused a frame");
    arrivals_.push_back(arrives);
  }

  SimTime next() const { return arrivals_.empty() ? SimTime::never() : arrivals_.front(); }

  rte_mbuf* take() {
    rte_mbuf* frame = nullptr;
    if (rte_eth_rx_burst(receiver_, 0, &frame, 1) != 1) fail("rte_eth_rx_burst gave nothing");
    arrivals_.pop_front();
    return frame;
  }

 private:
  static uint16_t make_port(rte_ring* in, rte_ring* out) {
    const int port = rte_eth_from_rings(unique_name("port").c_str(), &in, 1, &out, 1, SOCKET_ID_ANY);
    if (port < 0) fail("rte_eth_from_rings");
    const auto id = static_cast<uint16_t>(port);
    const rte_eth_conf configuration{};
    constexpr uint16_t kDescriptors = 64;
    if (rte_eth_dev_configure(id, 1, 1, &configuration) != 0) fail("rte_eth_dev_configure");
    if (rte_eth_rx_queue_setup(id, 0, kDescriptors, SOCKET_ID_ANY, nullptr, frame_pool()) != 0)
      fail("rx queue");
    if (rte_eth_tx_queue_setup(id, 0, kDescriptors, SOCKET_ID_ANY, nullptr) != 0) fail("tx queue");
    if (rte_eth_dev_start(id) != 0) fail("rte_eth_dev_start");
    return id;
  }

  rte_ring* ring_;
  rte_ring* unused_;
  uint16_t transmitter_, receiver_;
  std::deque<SimTime> arrivals_;  // the fake clock's part of the link
};

rte_mbuf* in_mbuf(const FrameBytes& bytes) {
  rte_mbuf* frame = rte_pktmbuf_alloc(frame_pool());
  if (frame == nullptr) fail("rte_pktmbuf_alloc");
  char* const to = rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size()));
  if (to == nullptr) fail("rte_pktmbuf_append");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<uint8_t*>(to));
  return frame;
}

FrameBytes out_of(rte_mbuf* frame) {
  const auto* from = rte_pktmbuf_mtod(frame, const uint8_t*);
  FrameBytes bytes(from, from + rte_pktmbuf_data_len(frame));
  rte_pktmbuf_free(frame);
  return bytes;
}

}  // namespace

struct RingPath::State {
  RingLink before_tap, behind_tap;
};

RingPath::RingPath() {
  initialise_eal();
  state_ = std::make_unique<State>();
}

RingPath::~RingPath() = default;

void RingPath::send(const FrameBytes& frame, SimTime arrives) {
  state_->before_tap.transmit(in_mbuf(frame), arrives);
}

SimTime RingPath::at_tap() const {
  return state_->before_tap.next();
}

FrameBytes RingPath::take() {
  return out_of(state_->before_tap.take());
}

void RingPath::forward(const FrameBytes& frame, SimTime arrives) {
  state_->behind_tap.transmit(in_mbuf(frame), arrives);
}

SimTime RingPath::at_host() const {
  return state_->behind_tap.next();
}

FrameBytes RingPath::receive() {
  return out_of(state_->behind_tap.take());
}

}  // namespace railyard
