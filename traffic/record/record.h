// SPDX-License-Identifier: BSD-3-Clause
// What happened in one run: filled by whoever plays a schedule (the simulator or the lab), read by the
// metrics. It knows neither. record.proto is its form on disk. All times count from the start of the run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/switching/drop_reason.h"
#include "traffic/units/quantity.h"

namespace railyard::record {

struct Job {
  std::string name;
  bool background = false;  // runs for as long as the others do; not part of the result
  uint32_t rank_count = 0;
  uint32_t iterations = 0;  // completed by every rank
  uint32_t reducers = 0;    // of switches: messages name them as ranks, from rank_count on
};

// An operation of a job's trace, as the metrics need to name and weigh it.
struct Operation {
  uint32_t job = 0;
  std::string name;         // "all_reduce", or as the trace names it
  std::string kind;         // all_reduce, all_gather, reduce_scatter, broadcast, all_to_all, send
  uint64_t bytes = 0;       // as nccl-tests counts
  uint32_t group_size = 0;  // ranks that take part
};

// One rank's part in one execution of an operation.
struct Span {
  uint32_t operation = 0;
  uint32_t iteration = 0;
  uint32_t rank = 0;  // in the job
  SimTime start, end;
};

// One rank's pass through its trace.
struct Iteration {
  uint32_t job = 0;
  uint32_t iteration = 0;
  uint32_t rank = 0;
  SimTime start, end;
};

// One message between two ranks: what is called a flow in flow completion time. Within a host, all messages
// of an operation and iteration from one rank to the other by one channel: their bytes, the first one's post,
// the last one's arrival.
struct Message {
  uint32_t operation = 0;
  uint32_t iteration = 0;
  uint32_t src_rank = 0, dst_rank = 0;
  uint64_t bytes = 0;
  SimTime posted;    // handed to the queue pair
  SimTime received;  // last byte at the receiver
  SimTime acked;     // acknowledged at the sender; never() when the run ended before
  // What it takes alone on an idle fabric: one-way latency and serialisation; 0 within a host.
  SimTime ideal;
  uint32_t others = 0;  // that are summed here, beside the first
};

struct Port {
  std::string node;  // "leaf2", "host7"
  std::string name;  // "leaf2:3", "host7:nic0"
  bool is_switch = false;
  BitRate rate;
  uint64_t tx_packets = 0, tx_bytes = 0;  // frames sent, destination MAC to FCS
  uint64_t tx_data_packets = 0;
  uint64_t ecn_marked = 0;  // CE set at this egress port
  // By DropReason: frames that came in here (no_route, headroom and shared) or would have left here (egress).
  std::array<uint64_t, kDropReasons> drops{};
  uint64_t pfc_pauses_sent = 0;  // XOFF frames, refreshes not counted
  uint64_t pfc_pauses_received = 0;
  SimTime paused;  // total over priorities that this port's transmitter stood paused
  uint64_t max_queue_bytes = 0;
};

// Queue depth of a port's egress, all queues, sampled at regular instants.
struct QueueSamples {
  uint32_t port = 0;
  SimTime interval;
  std::vector<uint32_t> bytes;  // sample i is taken at (i + 1) * interval
};

// What congestion control allowed a queue pair, at the regular instants that rate_sampler.h has.
struct RateSamples {
  uint32_t queue_pair = 0;  // its number in the run
  uint32_t job = 0;
  uint32_t src_rank = 0, dst_rank = 0;  // in the job
  uint32_t port = 0;                    // of the NIC that sends
  SimTime interval;
  // Sample i is taken at (i + 1) * interval.
  std::vector<uint64_t> rate_bps;      // pace, of frames with preamble and gap
  std::vector<uint64_t> window_bytes;  // payload that may be unacknowledged; kNoWindow: as much as there is
};

struct Pause {
  uint32_t port = 0;  // whose transmitter was paused
  uint8_t priority = 0;
  SimTime start, end;
};

struct Totals {
  uint64_t packet_hops = 0, data_hops = 0;  // frames that crossed a link, and the data frames among them
  uint64_t retransmitted = 0, nacks = 0, cnps = 0, timeouts = 0;
};

struct Record {
  std::string scenario, setting;
  uint64_t seed = 0;
  SimTime duration;
  std::vector<Job> jobs;
  std::vector<Operation> operations;
  std::vector<Iteration> iterations;
  std::vector<Span> spans;
  std::vector<Message> messages;
  std::vector<Port> ports;
  std::vector<QueueSamples> queues;
  std::vector<RateSamples> rates;  // in order of queue pair
  std::vector<Pause> pauses;
  Totals totals;
};

}  // namespace railyard::record
