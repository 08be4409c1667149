// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/kineto_communication.h"
#include "traffic/pattern/trace/import/kineto_file.h"
#include "traffic/pattern/trace/import/kineto_steps.h"
#include "traffic/pattern/trace/import/operation_graph.h"

namespace railyard::trace {
namespace {

// One rank on its way from file to trace. Nodes are the device's operations in the order of their starts.
struct Timeline {
  std::string file;
  uint32_t rank = 0;
  uint32_t world_size = 0;
  std::vector<KinetoDeviceOperation> nodes;
  std::vector<std::string> steps;
  std::vector<std::optional<Operation>> communications;  // of each node
  std::vector<std::vector<uint32_t>> after;              // of each node
};

// Finds what each node waits for; the rules stand in kineto.h.
class DependencyFinder {
 public:
  DependencyFinder(const KinetoFile& file, const KinetoCommunications& communications, Timeline& timeline)
      : file_(file), communications_(communications), timeline_(timeline) {}

  void run() {
    timeline_.after.resize(timeline_.nodes.size());
    follow_streams();
    for (const auto& [thread, events] : host_events()) follow_thread(events);
    follow_joined();
  }

 private:
  // A launch, or (without a node) a wait of the current stream.
  struct HostEvent {
    int64_t at_ns;
    std::optional<uint32_t> node;
  };

  void follow_streams() {
    std::unordered_map<uint32_t, uint32_t> last;
    for (uint32_t i = 0; i < timeline_.nodes.size(); ++i) {
      if (timeline_.nodes[i].joined) continue;
      const auto [known, is_first] = last.try_emplace(timeline_.nodes[i].stream, i);
      if (!is_first) timeline_.after[i].push_back(std::exchange(known->second, i));
    }
  }

  std::map<uint32_t, std::vector<HostEvent>> host_events() const {
    std::map<uint32_t, std::vector<HostEvent>> threads;
    for (uint32_t i = 0; i < timeline_.nodes.size(); ++i) {
      if (timeline_.nodes[i].joined) continue;
      const auto launch = file_.launches.find(timeline_.nodes[i].correlation);
      if (launch != file_.launches.end()) threads[launch->second.thread].push_back({launch->second.at_ns, i});
    }
    for (const KinetoInstant& wait : file_.stream_waits) {
      if (!communications_.within_launching_operator(wait))
        threads[wait.thread].push_back({wait.at_ns, std::nullopt});
    }
    for (auto& [thread, events] : threads) {
      std::stable_sort(events.begin(), events.end(),
                       [](const HostEvent& a, const HostEvent& b) { return a.at_ns < b.at_ns; });
    }
    return threads;
  }

  void follow_thread(const std::vector<HostEvent>& events) {
    std::vector<uint32_t> launched;  // local operations
    std::vector<uint32_t> left_out;  // communications that are not sent
    bool waits = false;
    for (const HostEvent& event : events) {
      if (!event.node) {
        waits = true;
      } else if (timeline_.nodes[*event.node].is_communication()) {
        join_last_ended(*event.node, launched);
        join_last_ended(*event.node, left_out);
        if (!timeline_.communications[*event.node]) left_out.push_back(*event.node);
      } else {
        launched.push_back(*event.node);
        if (std::exchange(waits, false)) join_collective(*event.node);
      }
    }
  }

  // A launched operation that had not ended ran in another stream than the current one.
  void join_last_ended(uint32_t node, const std::vector<uint32_t>& launched) {
    const auto before = std::find_if(launched.rbegin(), launched.rend(), [&](uint32_t i) {
      return i < node && timeline_.nodes[i].end_ns <= timeline_.nodes[node].start_ns;
    });
    if (before != launched.rend()) timeline_.after[node].push_back(*before);
  }

  void join_collective(uint32_t node) {
    const int64_t start_ns = timeline_.nodes[node].start_ns;
    std::optional<uint32_t> latest;
    for (const uint32_t i : communication_nodes()) {
      const int64_t end_ns = timeline_.nodes[i].end_ns;
      if (i < node && end_ns <= start_ns && (!latest || end_ns > timeline_.nodes[*latest].end_ns)) latest = i;
    }
    if (latest) timeline_.after[node].push_back(*latest);
  }

  const std::vector<uint32_t>& communication_nodes() {
    if (communication_nodes_.empty()) {
      for (uint32_t i = 0; i < timeline_.nodes.size(); ++i) {
        if (timeline_.nodes[i].is_communication()) communication_nodes_.push_back(i);
      }
    }
    return communication_nodes_;
  }

  // What joined a node waits for the same; who waits for the node waits for what joined it.
  void follow_joined() {
    std::vector<std::vector<uint32_t>> joined(timeline_.nodes.size());
    uint32_t first = 0;
    for (uint32_t i = 0; i < timeline_.nodes.size(); ++i) {
      if (!timeline_.nodes[i].joined) {
        first = i;
        continue;
      }
      joined[first].push_back(i);
      timeline_.after[i] = timeline_.after[first];
    }
    for (std::vector<uint32_t>& after : timeline_.after)
      for (size_t a = 0, count = after.size(); a < count; ++a)
        after.insert(after.end(), joined[after[a]].begin(), joined[after[a]].end());
  }

  const KinetoFile& file_;
  const KinetoCommunications& communications_;
  Timeline& timeline_;
  std::vector<uint32_t> communication_nodes_;
};

tl::expected<Timeline, std::string> read_timeline(tl::expected<KinetoFile, std::string> file,
                                                  const ImportOptions& options, GroupTable& groups,
                                                  WarningCounter& warnings, CommunicationLedger& ledger) {
  if (!file) return tl::make_unexpected(file.error());
  std::optional<uint32_t> rank = file->rank ? file->rank : options.rank;
  if (!rank && options.partial) rank = 0;
  if (!rank) {
    return tl::make_unexpected(
        fmt::format("{}: does not say which rank it is: there is no distributedInfo.rank. Call "
                    "torch.distributed.init_process_group "
                    "before the profiler starts, or give the rank of this one file",
                    file->path));
  }
  if (auto kept = keep_steps(options.steps, *file); !kept) return tl::make_unexpected(kept.error());
  Timeline timeline;
  timeline.file = file->path;
  timeline.steps = step_names(*file);
  timeline.rank = *rank;
  timeline.world_size = file->world_size;
  timeline.nodes = std::move(file->device_operations);
  std::stable_sort(timeline.nodes.begin(), timeline.nodes.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  KinetoCommunications communications(*file, timeline.rank, groups, warnings, ledger);
  for (const KinetoDeviceOperation& node : timeline.nodes) {
    tl::expected<std::optional<Operation>, std::string> operation;
    if (node.is_communication()) operation = communications.read(node);
    if (!operation) return tl::make_unexpected(operation.error());
    timeline.communications.push_back(std::move(*operation));
  }
  DependencyFinder(*file, communications, timeline).run();
  return timeline;
}

int64_t median(std::vector<int64_t> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Moves every rank's clock so that its collectives end when those of the others do, in the median.
void align_clocks(std::vector<Timeline>& timelines) {
  struct End {
    size_t timeline;
    int64_t at_ns;
  };
  std::map<std::pair<uint32_t, uint32_t>, std::vector<End>> ends;  // by group and place in its order
  for (size_t t = 0; t < timelines.size(); ++t) {
    std::map<uint32_t, uint32_t> seen;
    for (size_t i = 0; i < timelines[t].nodes.size(); ++i) {
      const auto& operation = timelines[t].communications[i];
      if (!operation || !operation->has_collective()) continue;
      const uint32_t group = operation->collective().group();
      ends[{group, seen[group]++}].push_back({t, timelines[t].nodes[i].end_ns});
    }
  }
  std::vector<std::vector<int64_t>> ahead(timelines.size());
  for (const auto& [collective, all] : ends) {
    std::vector<int64_t> times;
    for (const End& end : all) times.push_back(end.at_ns);
    const int64_t common = median(times);
    for (const End& end : all) ahead[end.timeline].push_back(end.at_ns - common);
  }
  for (size_t t = 0; t < timelines.size(); ++t) {
    if (ahead[t].empty()) continue;
    const int64_t offset_ns = median(ahead[t]);
    for (KinetoDeviceOperation& node : timelines[t].nodes) {
      node.start_ns -= offset_ns;
      node.end_ns -= offset_ns;
    }
  }
}

Rank fold(Timeline& timeline, int64_t beginning_ns) {
  std::vector<GraphNode> graph(timeline.nodes.size());
  for (size_t i = 0; i < graph.size(); ++i) {
    const KinetoDeviceOperation& node = timeline.nodes[i];
    int64_t ready_ns = timeline.after[i].empty() ? beginning_ns : std::numeric_limits<int64_t>::min();
    for (const uint32_t earlier : timeline.after[i])
      ready_ns = std::max(ready_ns, timeline.nodes[earlier].end_ns);
    graph[i].after = std::move(timeline.after[i]);
    graph[i].delay_ns = static_cast<uint64_t>(std::max<int64_t>(0, node.start_ns - ready_ns));
    graph[i].communication = std::move(timeline.communications[i]);
    if (!node.is_communication()) {
      graph[i].duration_ns = static_cast<uint64_t>(node.end_ns - node.start_ns);
    } else if (graph[i].communication) {
      graph[i].communication->set_captured_start_ns(static_cast<uint64_t>(node.start_ns - beginning_ns));
    }
  }
  Rank rank;
  rank.set_rank(timeline.rank);
  append_folded(std::move(graph), rank);
  return rank;
}

}  // namespace

bool recognises_kineto(std::string_view content) {
  const size_t first = content.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || content[first] != '{') return false;
  return content.find("\"traceEvents\"") != std::string_view::npos ||
         content.find("\"schemaVersion\"") != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_kineto(const std::vector<std::string>& files,
                                                      const ImportOptions& options) {
  return trace_of_kineto_files(
      files.size(), [&](size_t i) { return read_kineto_file(files[i]); }, options);
}

tl::expected<ImportResult, std::string> trace_of_kineto_files(
    size_t count, const std::function<tl::expected<KinetoFile, std::string>(size_t)>& read,
    const ImportOptions& options) {
  if (options.rank && count != 1) return tl::make_unexpected("a rank can be given for a single file only");
  GroupTable groups;
  WarningCounter warnings;
  CommunicationLedger ledger;
  std::vector<Timeline> timelines;
  for (size_t i = 0; i < count; ++i) {
    auto timeline = read_timeline(read(i), options, groups, warnings, ledger);
    if (!timeline) return tl::make_unexpected(timeline.error());
    timelines.push_back(std::move(*timeline));
  }
  if (ledger.empty()) {
    return tl::make_unexpected(
        fmt::format("{}: no NCCL collective was found, nor another library's{}: capture with "
                    "ProfilerActivity.CUDA, and more "
                    "than one rank",
                    timelines.front().file, options.steps.empty() ? "" : " in the chosen steps"));
  }
  align_clocks(timelines);
  int64_t beginning_ns = std::numeric_limits<int64_t>::max();
  for (const Timeline& timeline : timelines) {
    if (!timeline.nodes.empty()) beginning_ns = std::min(beginning_ns, timeline.nodes.front().start_ns);
  }
  const std::vector<std::string> steps = timelines.front().steps;
  std::vector<ImportedRank> ranks;
  for (Timeline& timeline : timelines) {
    ranks.push_back({timeline.file, timeline.world_size, fold(timeline, beginning_ns)});
  }
  auto trace = assemble(std::move(ranks), groups, options);
  if (!trace) return tl::make_unexpected(trace.error());
  Header& header = *trace->mutable_header();
  ledger.append_to(header);
  header.mutable_steps()->Assign(steps.begin(), steps.end());
  return ImportResult{std::move(*trace), warnings.lines()};
}

}  // namespace railyard::trace
