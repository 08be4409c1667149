// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/operation_graph.h"

#include <gtest/gtest.h>

#include <random>

namespace railyard::trace {
namespace {

Operation communication() {
  Operation operation;
  operation.mutable_collective()->set_kind(ALL_REDUCE);
  return operation;
}

std::vector<GraphNode> random_graph(std::mt19937& random) {
  std::vector<GraphNode> graph(20 + random() % 60);
  for (size_t i = 0; i < graph.size(); ++i) {
    for (size_t edges = random() % 4; i > 0 && edges > 0; --edges) {
      graph[i].after.push_back(static_cast<uint32_t>(random() % i));
    }
    graph[i].delay_ns = random() % 3 == 0 ? random() % 50 : 0;
    if (random() % 4 == 0) {
      graph[i].communication = communication();
    } else {
      graph[i].duration_ns = random() % 100;
    }
  }
  return graph;
}

// Communication starts and the end of everything, when the n-th communication takes times[n].
struct Played {
  std::vector<uint64_t> starts;
  uint64_t end = 0;
};

Played play(const std::vector<GraphNode>& graph, const std::vector<uint64_t>& times) {
  Played played;
  std::vector<uint64_t> ends;
  for (const GraphNode& node : graph) {
    uint64_t start = 0;
    for (const uint32_t earlier : node.after) start = std::max(start, ends[earlier]);
    start += node.delay_ns;
    ends.push_back(start + (node.communication ? times[played.starts.size()] : node.duration_ns));
    if (node.communication) played.starts.push_back(start);
    played.end = std::max(played.end, ends.back());
  }
  return played;
}

Played play(const Rank& rank, const std::vector<uint64_t>& times) {
  Played played;
  std::vector<uint64_t> ends;
  for (const Operation& operation : rank.operations()) {
    uint64_t start = 0;
    for (const uint32_t distance : operation.after()) start = std::max(start, ends[ends.size() - distance]);
    ends.push_back(
        start + (operation.has_compute() ? operation.compute().duration_ns() : times[played.starts.size()]));
    if (!operation.has_compute()) played.starts.push_back(start);
    played.end = std::max(played.end, ends.back());
  }
  return played;
}

// The promise of operation_graph.h, on random graphs and random networks.
TEST(OperationGraph, FoldingChangesNoStart) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    const std::vector<GraphNode> graph = random_graph(random);
    Rank rank;
    append_folded(graph, rank);
    for (int network = 0; network < 5; ++network) {
      std::vector<uint64_t> times(graph.size());
      for (uint64_t& time : times) time = random() % (network == 0 ? 1 : 300);
      const Played full = play(graph, times);
      const Played folded = play(rank, times);
      ASSERT_EQ(full.starts, folded.starts) << "round " << round;
      ASSERT_EQ(full.end, folded.end) << "round " << round;
    }
  }
}

TEST(OperationGraph, AChainOfKernelsBecomesOneCompute) {
  std::vector<GraphNode> graph(1001);
  for (uint32_t i = 1; i < graph.size(); ++i) graph[i].after = {i - 1};
  for (GraphNode& node : graph) node.duration_ns = 3;
  graph.back().communication = communication();
  Rank rank;
  append_folded(graph, rank);
  ASSERT_EQ(rank.operations_size(), 2);
  EXPECT_EQ(rank.operations(0).compute().duration_ns(), 3000U);
}

}  // namespace
}  // namespace railyard::trace
