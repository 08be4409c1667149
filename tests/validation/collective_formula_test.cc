// SPDX-License-Identifier: GPL-2.0-only
// Every algorithm on one switch against its formula: n ranks of one NIC each, S bytes, alpha from a single
// message, beta from the wire's efficiency, and as many messages as the algorithm makes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "ns3-modules/replay/model/replay.h"
#include "tests/validation/row.h"
#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard {
namespace {

constexpr uint64_t kMi = 1 << 20;

RunInput one_switch(uint32_t ranks) {
  RunInput input;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = ranks;
  input.fabric.link_rate = BitRate::gigabits(400);
  input.nic.ack_every = 16;
  input.nic.congestion_control = index_of_congestion_algorithm("none");
  input.switches.mmu_size = Bytes{1024 * kMi};
  input.sample_interval = {0};
  return input;
}

record::Record played(RunInput input, trace::Trace trace) {
  JobInput job;
  job.name = "collective";
  for (uint32_t rank = 0; rank < trace.header().rank_count(); ++rank) job.placement.push_back({rank, 0});
  job.source = trace::HeldTrace::of(std::move(trace)).value();
  input.jobs = {job};
  return ns3::Simulate(input, {}).value();
}

// In seconds.
struct Costs {
  double alpha, beta;  // a message's, a byte's
};

Costs costs() {
  const RunInput input = one_switch(2);
  // A middle packet's 4096 B take 4178 B on the wire [W1w].
  const double beta = 4178.0 / 4096 * 8 / static_cast<double>(input.fabric.link_rate.bps);
  IncastSettings settings;
  settings.senders = 1;
  settings.bytes = {kMi};
  const record::Message single = played(input, make_incast(settings).value()).messages.front();
  return {(single.received - single.posted).to_seconds() - kMi * beta, beta};
}

struct Case {
  collective::Kind kind;
  const char* algorithm;
  uint32_t ranks;
  uint64_t bytes;
};

// A ring's chunks go on slice by slice: where there are several, only the last one's latency is seen.
double ring(const Costs& c, uint32_t passes, uint32_t n, double s) {
  const double chunk = s / n, rounds = passes * (n - 1.0);
  return chunk > kMi ? c.alpha + rounds * chunk * c.beta : rounds * (c.alpha + chunk * c.beta);
}

double formula(const Case& of, const Costs& c) {
  const double s = static_cast<double>(of.bytes), n = of.ranks;
  switch (of.kind) {
    case collective::Kind::AllReduce:
      if (of.algorithm == std::string_view("ring")) return ring(c, 2, of.ranks, s);
      return 2 * std::log2(n) * c.alpha + 2 * (n - 1) / n * s * c.beta;
    case collective::Kind::AllGather:
    case collective::Kind::ReduceScatter:
      return ring(c, 1, of.ranks, s);
    case collective::Kind::Broadcast: {
      const double slices = s / (kMi / 2);
      return (n - 1) * c.alpha + (n - 2 + slices) * (kMi / 2) * c.beta;
    }
    case collective::Kind::AllToAll:
      return c.alpha + (n - 1) / n * s * c.beta;
  }
  return 0;
}

class Formula : public testing::TestWithParam<Case> {};

TEST_P(Formula, IsMetOnOneSwitch) {
  const Case of = GetParam();
  RunInput input = one_switch(of.ranks);
  const auto names = all_reduce_names();
  if (of.kind == collective::Kind::AllReduce)
    input.collectives.all_reduce =
        static_cast<uint32_t>(std::find(names.begin(), names.end(), of.algorithm) - names.begin());
  SingleCollectiveSettings settings;
  settings.kind = static_cast<uint32_t>(of.kind);
  settings.ranks = of.ranks;
  settings.bytes = {of.bytes};
  SimTime end;  // the last message's arrival: a sender learns of it later
  for (const record::Message& message : played(input, make_single_collective(settings).value()).messages)
    end = std::max(end, message.received);
  const double ours = end.to_seconds();
  const double expected = formula(of, costs());
  // Eight rounds share a NIC, and short messages end together: the next ones then wait for acknowledgements.
  const double tolerance = of.kind == collective::Kind::AllToAll ? 0.08 : 0.03;
  print_row(fmt::format("C1: {}, {}, {} ranks, {} MiB, one switch", name_of(of.kind), of.algorithm, of.ranks,
                        of.bytes / kMi),
            fmt::format("{:.1f} us", 1e6 * expected), fmt::format("{:.1f} us", 1e6 * ours),
            relative(ours, expected), fmt::format("{:.0f} %", 100 * tolerance));
  EXPECT_NEAR(ours, expected, tolerance * expected);
}

std::vector<Case> cases() {
  using collective::Kind;
  std::vector<Case> all;
  for (const auto& [kind, algorithm] : {std::pair{Kind::AllReduce, "ring"},
                                        {Kind::AllReduce, "halving-doubling"},
                                        {Kind::AllGather, "ring"},
                                        {Kind::ReduceScatter, "ring"},
                                        {Kind::Broadcast, "chain"},
                                        {Kind::AllToAll, "pairwise"}})
    for (const uint32_t ranks : {8u, 64u})
      for (const uint64_t mi : {4u, 64u}) all.push_back({kind, algorithm, ranks, mi * kMi});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Collectives, Formula, testing::ValuesIn(cases()));

}  // namespace
}  // namespace railyard
