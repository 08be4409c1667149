// SPDX-License-Identifier: BSD-3-Clause
// Small records made by hand, of which every figure can be worked out on paper.
#pragma once

#include "traffic/record/record.h"

namespace railyard::record {

inline SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

// A job of four ranks with one all-reduce, two iterations, and a background job of two ranks with one flow.
//   iteration 0 lasts 100 us, iteration 1 lasts 140 us
//   all-reduce of 1 MB: from the last start 40 us and 60 us, from the first start 50 us and 60 us
//   foreground flows: completion 10, 20, 30, 40 us, ideal 10 us each; one more is not finished
inline Record small_record() {
  Record r;
  r.scenario = "small";
  r.setting = "dcqcn";
  r.seed = 7;
  r.duration = us(250);
  r.jobs = {{"train", false, 4, 2}, {"noise", true, 2, 0}};
  r.operations = {{0, "gradients", "all_reduce", 1'000'000, 4}, {1, "send", "send", 4096, 2}};
  for (uint32_t rank = 0; rank < 4; ++rank) {
    r.iterations.push_back({0, 0, rank, us(rank), us(97 + rank)});
    r.iterations.push_back({0, 1, rank, us(100), us(240 - rank)});
    r.spans.push_back({0, 0, rank, us(rank == 3 ? 20 : 10), us(57 + rank)});
    r.spans.push_back({0, 1, rank, us(110), us(170 - rank)});
    r.messages.push_back(
        {0, 0, rank, (rank + 1) % 4, 250'000, us(5), us(15 + 10 * rank), us(17 + 10 * rank), us(10)});
  }
  r.messages.push_back({0, 1, 0, 1, 250'000, us(200), SimTime::never(), SimTime::never(), us(10)});
  r.messages.push_back({0, 1, 2, 3, 250'000, us(200), us(201), us(201), us(0)});
  r.messages.push_back({1, 0, 0, 1, 4096, us(0), us(6), us(7), us(2)});

  Port leaf;
  leaf.node = "leaf0";
  leaf.name = "leaf0:1";
  leaf.is_switch = true;
  leaf.rate = BitRate::gigabits(100);
  leaf.tx_packets = 1000;
  leaf.tx_bytes = 4'000'000;
  leaf.tx_data_packets = 900;
  leaf.ecn_marked = 30;
  leaf.drops[static_cast<size_t>(DropReason::HeadroomFull)] = 1;
  leaf.drops[static_cast<size_t>(DropReason::SharedFull)] = 2;
  leaf.drops[static_cast<size_t>(DropReason::NoRoute)] = 4;
  leaf.pfc_pauses_sent = 5;
  leaf.max_queue_bytes = 70'000;
  Port nic = leaf;
  nic.node = "host0";
  nic.name = "host0:nic0";
  nic.is_switch = false;
  nic.ecn_marked = 0;
  nic.drops = {};
  nic.pfc_pauses_sent = 0;
  nic.pfc_pauses_received = 5;
  nic.paused = us(12);
  nic.max_queue_bytes = 500;
  r.ports = {leaf, nic};
  r.queues = {{0, us(10), {0, 35'000, 70'000, 10}}};
  r.rates = {{4, 0, 1, 2, 1, us(10), {100'000'000'000, 61'000'000'000}, {kNoWindow, 4096}}};
  r.pauses = {{1, 3, us(20), us(32)}};
  r.totals = {12'000, 9'000, 11, 3, 25, 1};
  return r;
}

}  // namespace railyard::record
