// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/chakra_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace railyard::trace {
namespace {

constexpr size_t kShownNodes = 8;

using Dependencies = std::vector<std::vector<uint32_t>>;  // of each node, by index in the file

class Order {
 public:
  Order(const ChakraFile& file, WarningCounter& warnings) : file_(file), warnings_(warnings) {}

  tl::expected<std::vector<OrderedChakraNode>, std::string> run() {
    for (uint32_t i = 0; i < file_.nodes.size(); ++i) {
      if (!by_id_.emplace(file_.nodes[i].id, i).second) {
        return tl::make_unexpected(
            fmt::format("{}: two nodes have the id {}: the file is damaged", file_.path, file_.nodes[i].id));
      }
    }
    collect_dependencies();
    sort();
    if (order_.size() < file_.nodes.size()) return tl::make_unexpected(describe_cycle());
    return with_streams();
  }

 private:
  void collect_dependencies() {
    const bool linked = std::any_of(file_.nodes.begin(), file_.nodes.end(),
                                    [](const ChakraNode& node) { return node.is_cpu_op.value_or(false); });
    before_.resize(file_.nodes.size());
    for (uint32_t i = 0; i < file_.nodes.size(); ++i) {
      add_dependencies(i, file_.nodes[i].data_deps);
      if (!linked) add_dependencies(i, file_.nodes[i].ctrl_deps);
      std::sort(before_[i].begin(), before_[i].end());
      before_[i].erase(std::unique(before_[i].begin(), before_[i].end()), before_[i].end());
    }
  }

  void add_dependencies(uint32_t node, const std::vector<uint64_t>& ids) {
    for (const uint64_t id : ids) {
      const auto known = by_id_.find(id);
      if (known != by_id_.end()) {
        before_[node].push_back(known->second);
      } else {
        warnings_.add("dependency on a node that is not in the file: ignored");
      }
    }
  }

  // Kahn's algorithm; what lies on a cycle, or behind one, stays out.
  void sort() {
    Dependencies behind(file_.nodes.size());
    std::vector<size_t> open(file_.nodes.size());
    using Key = std::pair<uint64_t, uint32_t>;  // start time, place in the file
    std::priority_queue<Key, std::vector<Key>, std::greater<>> ready;
    for (uint32_t i = 0; i < file_.nodes.size(); ++i) {
      open[i] = before_[i].size();
      for (const uint32_t earlier : before_[i]) behind[earlier].push_back(i);
      if (open[i] == 0) ready.emplace(file_.nodes[i].start_us, i);
    }
    place_.resize(file_.nodes.size());
    done_.resize(file_.nodes.size(), false);
    while (!ready.empty()) {
      const uint32_t node = ready.top().second;
      ready.pop();
      place_[node] = static_cast<uint32_t>(order_.size());
      done_[node] = true;
      order_.push_back(node);
      for (const uint32_t next : behind[node]) {
        if (--open[next] == 0) ready.emplace(file_.nodes[next].start_us, next);
      }
    }
  }

  // Every node that is left waits for another one that is left: following them comes round.
  std::string describe_cycle() const {
    const auto unfinished = [&](uint32_t node) {
      const auto found =
          std::find_if(before_[node].begin(), before_[node].end(), [&](uint32_t i) { return !done_[i]; });
      return *found;
    };
    auto node = static_cast<uint32_t>(std::find(done_.begin(), done_.end(), false) - done_.begin());
    for (size_t i = 0; i < file_.nodes.size(); ++i) node = unfinished(node);
    std::string text = fmt::format("{}: nodes wait for one another in a circle: ", file_.path);
    const uint32_t first = node;
    size_t shown = 0;
    do {
      text += fmt::format("{} ({}) waits for ", file_.nodes[node].id, file_.nodes[node].name);
      node = unfinished(node);
    } while (node != first && ++shown < kShownNodes);
    return text +
           fmt::format("{}{}: convert the capture again", node == first ? "" : "... ", file_.nodes[node].id);
  }

  static std::optional<int64_t> stream_of(const ChakraNode& node) {
    if (node.stream) return node.stream;
    return node.is_cpu_op.has_value() && !*node.is_cpu_op ? node.thread : std::nullopt;
  }

  std::vector<OrderedChakraNode> with_streams() const {
    std::vector<OrderedChakraNode> result(order_.size());
    std::map<int64_t, uint32_t> last;  // of each stream
    for (uint32_t i = 0; i < order_.size(); ++i) {
      result[i].node = order_[i];
      for (const uint32_t earlier : before_[order_[i]]) result[i].after.push_back(place_[earlier]);
      const std::optional<int64_t> stream = stream_of(file_.nodes[order_[i]]);
      if (!stream || file_.nodes[order_[i]].is_cpu_op.value_or(false)) continue;
      const auto [known, is_first] = last.try_emplace(*stream, i);
      if (!is_first) result[i].after.push_back(std::exchange(known->second, i));
    }
    return result;
  }

  const ChakraFile& file_;
  WarningCounter& warnings_;
  std::unordered_map<uint64_t, uint32_t> by_id_;
  Dependencies before_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> place_;  // of each node in order_
  std::vector<bool> done_;
};

}  // namespace

tl::expected<std::vector<OrderedChakraNode>, std::string> order_chakra_nodes(const ChakraFile& file,
                                                                             WarningCounter& warnings) {
  return Order(file, warnings).run();
}

}  // namespace railyard::trace
