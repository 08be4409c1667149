// SPDX-License-Identifier: GPL-2.0-only
#include "tests/validation/collective_formula.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ns3-modules/replay/model/replay.h"
#include "tests/validation/row.h"
#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard {
namespace {

using collective::Kind;

constexpr uint64_t kMi = 1 << 20;
constexpr double kSlice = kMi;       // of a ring
constexpr double kSlot = kMi / 2.0;  // of a chain, a tree and PAT

bool is(const FormulaCase& of, std::string_view algorithm) {
  return of.algorithm == algorithm;
}

// Hosts have several GPUs only where the algorithm tells them apart.
uint32_t ranks_of_host(const FormulaCase& of) {
  if (!is(of, "hierarchical")) return 1;
  return of.ranks < 16 ? 4 : 8;
}

RunInput with_hosts(const FormulaCase& of) {
  RunInput input;
  input.fabric.gpus_per_host = input.fabric.nics_per_host = ranks_of_host(of);
  input.fabric.link_rate = BitRate::gigabits(400);
  input.nic.ack_every = 16;
  input.nic.congestion_control = index_of_congestion_algorithm("none");
  input.switches.mmu_size = Bytes{1024 * kMi};
  input.switches.pool_size = Bytes{1000 * kMi};  // nobody is paused
  input.sample_interval = {0};
  if (is(of, "in-network")) input.fabric.in_network_reduction = InNetworkReduction::Switches;
  if (is(of, "tree")) input.collectives.channels_per_nic = 2;  // both trees
  EXPECT_TRUE(choose_algorithm(input.collectives, of.kind, of.algorithm));
  return input;
}

record::Record played(RunInput input, trace::Trace trace) {
  JobInput job;
  job.name = "collective";
  const uint32_t per_host = input.fabric.gpus_per_host;
  for (uint32_t rank = 0; rank < trace.header().rank_count(); ++rank)
    job.placement.push_back({rank / per_host, rank % per_host});
  job.source = trace::HeldTrace::of(std::move(trace)).value();
  input.jobs = {job};
  return ns3::Simulate(input, {}).value();
}

// In seconds.
struct Costs {
  double alpha, beta;            // a message's, a byte's
  double acknowledgement;        // of a message: until its sender has it
  double packet;                 // of the largest, at the line's rate
  double host_alpha, host_beta;  // of scale-up links
};

constexpr double kPacketData = 4096, kPacketOnWire = 4178;  // bytes [W1w]

Costs measured_costs() {
  RunInput input = one_switch({Kind::AllReduce, "ring", 2, 0});
  const double bit = 1.0 / static_cast<double>(input.fabric.link_rate.bps);
  const double beta = kPacketOnWire / kPacketData * 8 * bit;
  IncastSettings settings;
  settings.senders = 1;
  settings.bytes = {kMi};
  const record::Message single = played(input, make_incast(settings).value()).messages.front();
  return {(single.received - single.posted).to_seconds() - kMi * beta,
          beta,
          (single.acked - single.received).to_seconds(),
          kPacketOnWire * 8 * bit,
          input.fabric.scale_up_latency.to_seconds(),
          8 / static_cast<double>(input.fabric.scale_up_rate.bps)};
}

const Costs& costs() {
  static const Costs measured = measured_costs();
  return measured;
}

// A ring's chunks go on slice by slice: where there are several, only the last one's latency is seen.
double ring(double alpha, double beta, uint32_t passes, double n, double s) {
  const double chunk = s / n, rounds = passes * (n - 1);
  return chunk > kSlice ? alpha + rounds * chunk * beta : rounds * (alpha + chunk * beta);
}

// Steps of one message each wait for the one before; of several, the next step's first needs the first only,
// and latency is hidden. A block that fills a slot waits for nothing: its messages follow each other.
double pat(const Costs& c, double n, double s) {
  const double block = s / n;
  double in_message = 1;
  while (std::floor(kSlot / (block * in_message)) >= 2 && in_message < n / 2) in_message *= 2;
  const double waits = in_message == 1 ? 1 : 1 + std::min(std::log2(in_message) + 1, std::log2(n) - 1);
  return waits * c.alpha + (n - 1) * block * c.beta;
}

// A pipeline: the chunks of half the buffer go through the log2 n - 1 levels of a tree's inner members. Each
// of them sends four for one chunk of both trees: up, to two children, and as a leaf of the other tree.
double tree(const Costs& c, double n, double s) {
  const double chunks = std::ceil(s / 2 / kSlot), chunk = s / 2 / chunks, levels = std::log2(n);
  return 2 * levels * c.alpha + (levels - 1 + chunks - 1) * 4 * chunk * c.beta;
}

// Messages of a member to the others, so many at once: where they are short, each of those slots takes
// another only when its last one is acknowledged.
double rounds(const Costs& c, double messages, double bytes) {
  constexpr double kAtOnce = 8;
  const double round_trip = c.alpha + bytes * c.beta + c.acknowledgement;
  return c.alpha + std::max(messages * bytes * c.beta, messages / kAtOnce * round_trip);
}

// Up, down, and a slice that the switch holds back until it is there.
double in_network(const Costs& c, double s) {
  return 2 * c.alpha + (s + collective::Options{}.reduction_slice_bytes) * c.beta;
}

double hierarchical_all_reduce(const Costs& c, const FormulaCase& of) {
  const double g = ranks_of_host(of), s = static_cast<double>(of.bytes);
  return 2 * ring(c.host_alpha, c.host_beta, 1, g, s) + ring(c.alpha, c.beta, 2, of.ranks / g, s / g);
}

double hierarchical_all_to_all(const Costs& c, const FormulaCase& of) {
  const double g = ranks_of_host(of), hosts = of.ranks / g, s = static_cast<double>(of.bytes);
  return c.host_alpha + (g - 1) / g * s * c.host_beta + rounds(c, hosts - 1, s / hosts);
}

double chain(const Costs& c, double n, double s) {
  const double slices = std::ceil(s / kSlot);
  return (n - 1) * c.alpha + (n - 2 + slices) * s / slices * c.beta;
}

// A switch passes a message of one packet on once it is in: alpha holds a full packet for that.
double of_a_byte(const Costs& c) {
  constexpr double kShortest = 84;  // a frame of 64 B with preamble and gap [IEEE 802.3, clause 4.4.2]
  return c.alpha - c.packet + 2 * c.packet * kShortest / kPacketOnWire;
}

}  // namespace

std::string name_of(const FormulaCase& of) {
  const std::string size = of.kind == Kind::Barrier ? "" : fmt::format(", {} MiB", of.bytes / kMi);
  return fmt::format("{}, {}, {} ranks{}", collective::name_of(of.kind), of.algorithm, of.ranks, size);
}

std::vector<FormulaCase> formula_cases(const std::vector<uint32_t>& ranks,
                                       const std::vector<uint64_t>& mebibytes) {
  std::vector<FormulaCase> cases;
  for (const collective::Algorithm& algorithm : collective::algorithms())
    for (const uint32_t n : ranks) {
      if (algorithm.kind == Kind::Barrier) {
        cases.push_back({algorithm.kind, algorithm.name, n, 1});
        continue;
      }
      for (const uint64_t mi : mebibytes) cases.push_back({algorithm.kind, algorithm.name, n, mi * kMi});
    }
  return cases;
}

RunInput one_switch(const FormulaCase& of) {
  RunInput input = with_hosts(of);
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = of.ranks / ranks_of_host(of);
  return input;
}

RunInput clos(const FormulaCase& of, uint32_t spines) {
  constexpr uint32_t kLeaves = 8;
  RunInput input = with_hosts(of);
  input.fabric.kind = FabricKind::LeafSpine;
  input.fabric.leaves = kLeaves;
  input.fabric.spines = spines;
  input.fabric.hosts_per_leaf = of.ranks / ranks_of_host(of) / kLeaves;
  return input;
}

TrafficOf simulated(RunInput input, const FormulaCase& of) {
  SingleCollectiveSettings settings;
  settings.kind = static_cast<uint32_t>(of.kind);
  settings.ranks = of.ranks;
  settings.bytes = {of.bytes};
  TrafficOf traffic;
  SimTime end;  // a sender learns of it later
  for (const record::Message& message :
       played(std::move(input), make_single_collective(settings).value()).messages) {
    end = std::max(end, message.received);
    ++traffic.messages;
    traffic.bytes += message.bytes;
  }
  traffic.seconds = end.to_seconds();
  return traffic;
}

double simulated_time(RunInput input, const FormulaCase& of) {
  return simulated(std::move(input), of).seconds;
}

double formula_time(const FormulaCase& of) {
  const Costs& c = costs();
  const double s = static_cast<double>(of.bytes), n = of.ranks;
  switch (of.kind) {
    case Kind::AllReduce:
      if (is(of, "ring")) return ring(c.alpha, c.beta, 2, n, s);
      if (is(of, "tree")) return tree(c, n, s);
      if (is(of, "hierarchical")) return hierarchical_all_reduce(c, of);
      if (is(of, "in-network")) return in_network(c, s);
      return 2 * std::log2(n) * c.alpha + 2 * (n - 1) / n * s * c.beta;
    case Kind::AllGather:
    case Kind::ReduceScatter:
      return is(of, "pat") ? pat(c, n, s) : ring(c.alpha, c.beta, 1, n, s);
    case Kind::Broadcast:
    case Kind::Reduce:
      return chain(c, n, s);
    case Kind::AllToAll:
      if (is(of, "bruck")) return std::log2(n) * (c.alpha + s / 2 * c.beta);
      if (is(of, "hierarchical")) return hierarchical_all_to_all(c, of);
      return c.alpha + (n - 1) / n * s * c.beta;
    case Kind::Gather:
      return c.alpha + (n - 1) / n * s * c.beta;
    case Kind::Scatter:
      return rounds(c, n - 1, s / n);
    case Kind::Barrier:
      return std::ceil(std::log2(n)) * of_a_byte(c);
  }
  return 0;
}

double tolerance(const FormulaCase& of) {
  constexpr double kUsual = 0.03, kOfTrees = 0.08;
  // A scatter's messages, and those along a rail, share their sender's NIC, and those that go at once end
  // together.
  constexpr double kOfRounds = 0.08;
  const bool in_rounds = of.kind == Kind::Scatter || (of.kind == Kind::AllToAll && is(of, "hierarchical"));
  return is(of, "tree") || is(of, "in-network") ? kOfTrees : in_rounds ? kOfRounds : kUsual;
}

void expect_formula(const FormulaCase& of) {
  const double expected = formula_time(of), ours = simulated_time(one_switch(of), of);
  print_row(fmt::format("C1: {}, one switch", name_of(of)), fmt::format("{:.1f} us", 1e6 * expected),
            fmt::format("{:.1f} us", 1e6 * ours), relative(ours, expected),
            fmt::format("{:.0f} %", 100 * tolerance(of)));
  EXPECT_NEAR(ours, expected, tolerance(of) * expected);
}

}  // namespace railyard
