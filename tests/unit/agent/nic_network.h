// SPDX-License-Identifier: BSD-3-Clause
// NICs joined by a switch that forwards at once and can mark, lose or change frames: in virtual time, frame
// by frame as bytes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "dpdk-app/agent/nic_port.h"

namespace railyard::lab {

class NicNetwork final : public MessageEvents {
 public:
  // What happens to a frame on its way; false: it is lost.
  using Meddler = std::function<bool(std::vector<uint8_t>& frame, const Packet& packet, uint32_t from)>;

  static constexpr SimTime kDelay = SimTime::microseconds(1);
  static constexpr uint32_t kBudget = 32;

  static NicConfig config(uint32_t endpoint, uint32_t flows, std::string_view algorithm = "none",
                          const CongestionSettings& settings = {}) {
    LabPlan plan;
    plan.nic.congestion_control = index_of_congestion_algorithm(algorithm);
    plan.congestion = settings;
    plan.nic.mtu = 1024;
    plan.nic.ack_timeout = 8;  // about 1 ms
    LabEndpoint e;
    e.ip = 0x0a000001 + endpoint;
    e.mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(endpoint)};
    e.rate = BitRate::gigabits(1);
    plan.endpoints = {e};
    NicConfig c = nic_config_of(plan, 0, flows, {});
    return c;
  }

  uint32_t add(const NicConfig& c) {
    nics.push_back(std::make_unique<NicPort>(c, *this));
    return static_cast<uint32_t>(nics.size()) - 1;
  }

  void connect(uint32_t flow, uint32_t from, uint32_t to, const FlowClass* flow_class = nullptr) {
    FlowAddress a;
    a.source_mac = nics[from]->config().mac;
    a.destination_mac = nics[to]->config().mac;
    a.source_ip = nics[from]->config().ip;
    a.destination_ip = nics[to]->config().ip;
    a.udp_source_port = udp_source_port(flow);
    a.source_qp = sender_queue_pair(flow);
    a.destination_qp = receiver_queue_pair(flow);
    nics[from]->add_sender(flow, a, flow_class != nullptr ? *flow_class : nics[from]->config().flow_class);
    nics[to]->add_receiver(flow, a);
  }

  void send_bytes(std::vector<uint8_t> frame, uint32_t to, SimTime at) {
    flights_.emplace(at, Flight{std::move(frame), to});
  }

  // Polls whenever something is due, but not within [stall_begin, stall_end).
  void run_until(SimTime end) {
    while (true) {
      SimTime next = flights_.empty() ? SimTime::never() : flights_.begin()->first;
      for (const auto& nic : nics) next = std::min(next, nic->next_due());
      next = std::max(next, now);
      if (next >= stall_begin && next < stall_end) next = stall_end;
      if (next > end) break;
      now = next;
      while (!flights_.empty() && flights_.begin()->first <= now) {
        const Flight flight = std::move(flights_.begin()->second);
        flights_.erase(flights_.begin());
        nics[flight.to]->on_frame(flight.frame.data(), flight.frame.size(), now);
      }
      for (uint32_t i = 0; i < nics.size(); ++i) poll(i);
    }
    now = end;
  }

  void message_received(uint32_t flow, SimTime at) override { received[flow].push_back(at); }
  void message_acked(uint32_t flow, SimTime at) override { acked[flow].push_back(at); }
  void queue_pair_failed(uint32_t flow, SimTime) override { failed.push_back(flow); }

  std::vector<std::unique_ptr<NicPort>> nics;
  Meddler meddler;
  SimTime now;
  SimTime stall_begin, stall_end;
  std::map<uint32_t, std::vector<SimTime>> received, acked;
  std::vector<uint32_t> failed;
  std::vector<SimTime> departures;  // of data

 private:
  struct Flight {
    std::vector<uint8_t> frame;
    uint32_t to;
  };

  void poll(uint32_t i) {
    nics[i]->poll(now, kBudget, [&](const Packet& p, const FlowAddress& address, const FrameBody& body) {
      std::vector<uint8_t> frame(2048);
      frame.resize(encode(p, address, body, frame.data(), frame.size()));
      if (p.kind == PacketKind::Data) departures.push_back(now);
      if (meddler && !meddler(frame, p, i)) return;
      for (uint32_t to = 0; to < nics.size(); ++to)
        if (std::equal(frame.begin(), frame.begin() + 6, nics[to]->config().mac.begin()))
          return send_bytes(std::move(frame), to, now + kDelay);
    });
  }

  std::multimap<SimTime, Flight> flights_;
};

}  // namespace railyard::lab
