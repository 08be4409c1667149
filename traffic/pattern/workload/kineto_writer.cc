// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/kineto_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "traffic/pattern/trace/names.h"

namespace railyard {
namespace {

using trace::Operation;

constexpr int kProcess = 4242;
constexpr int kThread = 4242;
constexpr int kComputeStream = 7;
constexpr int kNcclStream = 20;
constexpr int kElement = 4;                              // float32
constexpr uint64_t kLaunch_ns = 6'000;                   // a thread launches a kernel in about this time
constexpr int64_t kBase_ns = 1'700'000'000'000'000'000;  // 2023-11-14, a day without meaning

struct Span {
  uint64_t start_ns = 0;
  uint64_t end_ns = 0;
};

// Plays the trace on the captured network.
class Player {
 public:
  Player(const trace::Trace& trace, const CapturedNetwork& network) : trace_(trace), network_(network) {
    for (const trace::Rank& rank : trace.ranks()) spans_.emplace_back(rank.operations_size());
  }

  // Each pass settles at least the next collective of some group, until none moves.
  const std::vector<std::vector<Span>>& run() {
    for (bool moved = true; moved;) {
      std::map<Key, uint64_t> arrivals;
      for (int r = 0; r < trace_.ranks_size(); ++r) play_rank(r, arrivals);
      moved = false;
      for (const auto& [key, arrival_ns] : arrivals) {
        const uint64_t end_ns = arrival_ns + transfer_ns_.at(key);
        moved |= std::exchange(ends_[key], end_ns) != end_ns;
      }
    }
    return spans_;
  }

 private:
  using Key = std::pair<uint32_t, uint32_t>;  // group, place in its order

  void play_rank(int r, std::map<Key, uint64_t>& arrivals) {
    std::map<uint32_t, uint32_t> seen;
    for (int i = 0; i < trace_.ranks(r).operations_size(); ++i) {
      const Operation& operation = trace_.ranks(r).operations(i);
      Span& span = spans_[static_cast<size_t>(r)][static_cast<size_t>(i)];
      span.start_ns = 0;
      for (const uint32_t distance : operation.after()) {
        span.start_ns =
            std::max(span.start_ns, spans_[static_cast<size_t>(r)][static_cast<size_t>(i) - distance].end_ns);
      }
      if (!operation.has_collective()) {
        span.end_ns = span.start_ns + operation.compute().duration_ns();
        continue;
      }
      const uint32_t group = operation.collective().group();
      const Key key = {group, seen[group]++};
      arrivals[key] = std::max(arrivals[key], span.start_ns);
      transfer_ns_[key] = transfer_ns(operation.collective());
      span.end_ns = std::max(ends_[key], span.start_ns);
    }
  }

  // Integers only: the sample must come out the same on every machine.
  uint64_t transfer_ns(const trace::Collective& collective) const {
    const auto n =
        static_cast<uint64_t>(trace_.header().groups(static_cast<int>(collective.group())).ranks_size());
    const uint64_t rounds = collective.kind() == trace::ALL_REDUCE ? 2 : 1;
    const uint64_t bits = collective.bytes() * 8 * rounds * (n - 1) / n;
    return static_cast<uint64_t>(network_.latency.ps / 1000) +
           bits * 1000 / (network_.bandwidth.bps / 1'000'000);
  }

  const trace::Trace& trace_;
  const CapturedNetwork& network_;
  std::vector<std::vector<Span>> spans_;
  std::map<Key, uint64_t> ends_;
  std::map<Key, uint64_t> transfer_ns_;
};

std::string micros(uint64_t ns) {
  return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
}

class RankWriter {
 public:
  RankWriter(const trace::Trace& trace, const trace::Rank& rank, const std::vector<Span>& spans)
      : trace_(trace), rank_(rank), spans_(spans) {}

  std::string run() {
    out_ = fmt::format(
        "{{\n  \"schemaVersion\": 1,\n  \"distributedInfo\": {{\"backend\": \"nccl\", \"rank\": {}, "
        "\"world_size\": {}, "
        "\"pg_count\": {}, \"pg_config\": [",
        rank_.rank(), trace_.ranks_size(), trace_.header().groups_size());
    for (int g = 0; g < trace_.header().groups_size(); ++g) {
      const trace::Group& group = trace_.header().groups(g);
      out_ += fmt::format("{}{{\"pg_name\": \"{}\", \"pg_desc\": \"{}\", \"pg_size\": {}, \"ranks\": {}}}",
                          g == 0 ? "" : ", ", g, group.name(), group.ranks_size(), ranks_of(group));
    }
    out_ += fmt::format(
        "]}},\n  \"baseTimeNanoseconds\": {},\n  \"displayTimeUnit\": \"ms\",\n  \"traceEvents\": [",
        kBase_ns);
    for (int i = 0; i < rank_.operations_size(); ++i) write_operation(i);
    return out_ + "\n  ]\n}\n";
  }

 private:
  static std::string ranks_of(const trace::Group& group) {
    std::string text = "[";
    for (const uint32_t rank : group.ranks()) text += fmt::format("{}{}", text.size() > 1 ? ", " : "", rank);
    return text + "]";
  }

  void write_operation(int i) {
    const Operation& operation = rank_.operations(i);
    const Span span = spans_[static_cast<size_t>(i)];
    if (operation.has_collective()) {
      write_collective(operation, span);
      return;
    }
    for (const uint32_t distance : operation.after()) {
      if (rank_.operations(i - static_cast<int>(distance)).has_collective()) {
        event("cuda_runtime", "cudaStreamWaitEvent", kProcess, kThread, launch_ns_, 1'000,
              fmt::format("\"correlation\": {}", ++correlation_));
        launch_ns_ += kLaunch_ns;
      }
    }
    launch();
    event("kernel", operation.name(), static_cast<int>(rank_.rank()), kComputeStream, span.start_ns,
          span.end_ns - span.start_ns,
          fmt::format("\"stream\": {}, \"correlation\": {}", kComputeStream, correlation_));
  }

  void write_collective(const Operation& operation, Span span) {
    const trace::Collective& c = operation.collective();
    const trace::Group& group = trace_.header().groups(static_cast<int>(c.group()));
    const bool reduces = c.kind() == trace::ALL_REDUCE;
    const std::string arguments = fmt::format(
        "\"Collective name\": \"{}\", \"In msg nelems\": {}, \"Out msg nelems\": {}, \"Group size\": {}, "
        "\"dtype\": \"Float\", "
        "\"In split size\": \"[]\", \"Out split size\": \"[]\", \"Process Group Name\": \"{}\", \"Process "
        "Group Description\": "
        "\"{}\", \"Process Group Ranks\": \"{}\"",
        reduces ? "allreduce" : "all_to_all", c.bytes() / kElement, c.bytes() / kElement, group.ranks_size(),
        c.group(), group.name(), ranks_of(group));
    event("cpu_op", "record_param_comms", kProcess, kThread, launch_ns_, kLaunch_ns + 2'000, arguments);
    launch_ns_ += 1'000;
    launch();
    launch_ns_ += 2'000;
    const char* kernel = reduces ? "ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)"
                                 : "ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)";
    event("kernel", kernel, static_cast<int>(rank_.rank()), kNcclStream, span.start_ns,
          span.end_ns - span.start_ns,
          fmt::format("\"stream\": {}, \"correlation\": {}, {}", kNcclStream, correlation_, arguments));
  }

  void launch() {
    event("cuda_runtime", "cudaLaunchKernel", kProcess, kThread, launch_ns_, kLaunch_ns - 1'000,
          fmt::format("\"correlation\": {}", ++correlation_));
    launch_ns_ += kLaunch_ns;
  }

  void event(const char* category, const std::string& name, int process, int thread, uint64_t start_ns,
             uint64_t duration_ns, const std::string& arguments) {
    out_ += fmt::format(
        "{}\n    {{\"ph\": \"X\", \"cat\": \"{}\", \"name\": \"{}\", \"pid\": {}, \"tid\": {}, \"ts\": {}, "
        "\"dur\": {}, \"args\": {{{}}}}}",
        std::exchange(separator_, ","), category, name, process, thread, micros(start_ns),
        micros(duration_ns), arguments);
  }

  const trace::Trace& trace_;
  const trace::Rank& rank_;
  const std::vector<Span>& spans_;
  std::string out_;
  const char* separator_ = "";
  uint64_t launch_ns_ = 0;
  uint64_t correlation_ = 0;
};

}  // namespace

std::vector<std::string> write_kineto(const trace::Trace& trace, const CapturedNetwork& network) {
  Player player(trace, network);
  const auto& spans = player.run();
  std::vector<std::string> files;
  for (int r = 0; r < trace.ranks_size(); ++r) {
    files.push_back(RankWriter(trace, trace.ranks(r), spans[static_cast<size_t>(r)]).run());
  }
  return files;
}

}  // namespace railyard
