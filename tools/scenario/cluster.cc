// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/cluster.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "traffic/parameter/nearest_name.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/units/error.h"

namespace railyard {
namespace {

// Calls see(a, b) for each link from a node of tier `low` to one of tier `high`, with the port at the lower.
template <class See>
void for_links(const FabricPlan& plan, FabricTier low, FabricTier high, See see) {
  for (const FabricLink& link : plan.links)
    for (const auto& [a, b] : {std::pair(link.a, link.b), std::pair(link.b, link.a)})
      if (plan.nodes[a.node].tier == low && plan.nodes[b.node].tier == high) see(a, b.node);
}

// Of each leaf, by the first leaf of the pod.
std::vector<uint32_t> pods_of_leaves(const FabricPlan& plan, const std::vector<uint32_t>& leaf_of_node,
                                     uint32_t leaves) {
  std::vector<uint32_t> pod(leaves);
  std::iota(pod.begin(), pod.end(), 0);
  const auto find = [&](uint32_t leaf) {
    while (pod[leaf] != leaf) leaf = pod[leaf] = pod[pod[leaf]];
    return leaf;
  };
  std::map<uint32_t, uint32_t> first_below;  // by spine
  for_links(plan, FabricTier::Leaf, FabricTier::Spine, [&](FabricPort leaf_port, uint32_t spine) {
    const uint32_t leaf = leaf_of_node[leaf_port.node];
    const uint32_t one = find(leaf), other = find(first_below.try_emplace(spine, leaf).first->second);
    pod[std::max(one, other)] = std::min(one, other);
  });
  for (uint32_t leaf = 0; leaf < leaves; ++leaf) pod[leaf] = find(leaf);
  return pod;
}

// "[0-3,12]" as texts, with the zeros that their numbers begin with.
tl::expected<std::vector<std::string>, std::string> numbers_in(std::string_view brackets) {
  std::vector<std::string> numbers;
  std::string_view rest = brackets;
  while (!rest.empty()) {
    const std::string_view range = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(range.size() + 1, rest.size()));
    const size_t dash = range.find('-');
    const std::string_view low = range.substr(0, dash),
                           high = dash == std::string_view::npos ? low : range.substr(dash + 1);
    uint32_t first = 0, last = 0;
    constexpr uint32_t kMostNodes = 1 << 20;
    const auto parse = [](std::string_view text, uint32_t& value) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      return error == std::errc() && end == text.data() + text.size();
    };
    if (!parse(low, first) || !parse(high, last) || first > last || last - first >= kMostNodes)
      return error("'[{}]' is not a list of numbers and ranges, such as [0-3,12]", brackets);
    for (uint32_t n = first; n <= last; ++n) numbers.push_back(fmt::format("{:0{}}", n, low.size()));
  }
  return numbers;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

tl::expected<ClusterTopology, std::string> read_slurm(const std::string& text, const std::string& file) {
  ClusterTopology topology;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word, name, nodes;
    while (words >> word) {
      const size_t equals = word.find('=');
      if (equals == std::string::npos)
        return error(
            "{}:{}: '{}' is neither of Slurm's topology.conf (SwitchName=leaf0 Nodes=node[0-3]) nor is "
            "the file a list of Kubernetes nodes",
            file, number, word);
      const std::string key = lower(word.substr(0, equals));
      if (key == "switchname") name = word.substr(equals + 1);
      if (key == "nodes") nodes = word.substr(equals + 1);
    }
    if (nodes.empty()) continue;  // a switch of switches
    auto expanded = expand_hostlist(nodes);
    if (!expanded) return error("{}:{}: {}", file, number, expanded.error());
    topology.leaves.push_back({name, *std::move(expanded)});
  }
  return topology;
}

constexpr std::array<const char*, 2> kLeafLabels = {"fabric.topograph.run/tier-0",
                                                    "network.topology.nvidia.com/leaf"};

std::string leaf_label_of(const YAML::Node& labels) {
  for (const char* key : kLeafLabels)
    if (labels.IsMap() && labels[key] && labels[key].IsScalar()) return labels[key].Scalar();
  return "";
}

tl::expected<ClusterTopology, std::string> read_kubernetes(const YAML::Node& list, const std::string& file) {
  ClusterTopology topology;
  for (const YAML::Node& item : list["items"]) {
    const YAML::Node metadata = item["metadata"];
    if (!metadata || !metadata["name"]) return error("{}: an item has no metadata.name", file);
    const std::string name = metadata["name"].Scalar();
    const std::string leaf = metadata["labels"] ? leaf_label_of(metadata["labels"]) : "";
    if (leaf.empty())
      return error("{}: node '{}' has no label {}; label the nodes with their leaf switch, as Topograph does",
                   file, name, fmt::join(kLeafLabels, " or "));
    auto found = std::find_if(topology.leaves.begin(), topology.leaves.end(),
                              [&](const ClusterTopology::Leaf& known) { return known.name == leaf; });
    if (found == topology.leaves.end())
      found = topology.leaves.insert(topology.leaves.end(), ClusterTopology::Leaf{leaf, {}});
    found->nodes.push_back(name);
  }
  return topology;
}

}  // namespace

schedule::Cluster cluster_of(const FabricPlan& plan, const FabricSettings& fabric) {
  schedule::Cluster cluster{plan.host_count, fabric.gpus_per_host, plan.nics_per_host, {}, {}};
  std::vector<uint32_t> leaf_of_node(plan.nodes.size());
  uint32_t leaves = 0;
  for (size_t node = 0; node < plan.nodes.size(); ++node)
    if (plan.nodes[node].tier == FabricTier::Leaf) leaf_of_node[node] = leaves++;
  cluster.leaf_of.resize(plan.host_count);
  for_links(plan, FabricTier::Host, FabricTier::Leaf, [&](FabricPort host, uint32_t leaf) {
    if (host.port == 0) cluster.leaf_of[host.node] = leaf_of_node[leaf];
  });
  const std::vector<uint32_t> pods = pods_of_leaves(plan, leaf_of_node, leaves);
  for (const uint32_t leaf : cluster.leaf_of) cluster.pod_of.push_back(pods[leaf]);
  return cluster;
}

tl::expected<std::vector<std::string>, std::string> expand_hostlist(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    size_t end = list.find_first_of(",[");
    if (end == std::string_view::npos || list[end] == ',') {
      names.emplace_back(list.substr(0, end));
    } else {
      const size_t close = list.find(']', end);
      if (close == std::string_view::npos) return error("'{}' has a bracket that is not closed", list);
      const size_t comma = list.find(',', close);
      const auto numbers = numbers_in(list.substr(end + 1, close - end - 1));
      if (!numbers) return tl::make_unexpected(numbers.error());
      const std::string_view tail =
          list.substr(close + 1, comma == std::string_view::npos ? comma : comma - close - 1);
      for (const std::string& number : *numbers)
        names.push_back(fmt::format("{}{}{}", list.substr(0, end), number, tail));
      end = comma;
    }
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return names;
}

tl::expected<ClusterTopology, std::string> read_cluster_topology(const std::filesystem::path& path) {
  const std::string file = path.lexically_normal().string();
  const auto text = trace::read_file(file);
  if (!text) return tl::make_unexpected(text.error());
  tl::expected<ClusterTopology, std::string> topology;
  try {
    const YAML::Node document = YAML::Load(*text);
    topology = document.IsMap() && document["items"] && document["items"].IsSequence()
                   ? read_kubernetes(document, file)
                   : read_slurm(*text, file);
  } catch (const YAML::Exception&) {
    topology = read_slurm(*text, file);
  }
  if (topology && topology->leaves.empty())
    return error("{}: no switch in it has nodes; write for instance SwitchName=leaf0 Nodes=node[0-3]", file);
  return topology;
}

tl::expected<std::string, std::string> hosts_by_name(const ClusterTopology& topology, std::string_view names,
                                                     const schedule::Cluster& cluster) {
  std::map<uint32_t, std::vector<uint32_t>> hosts_of_leaf;
  for (uint32_t host = 0; host < cluster.host_count; ++host)
    hosts_of_leaf[cluster.leaf_of[host]].push_back(host);
  if (topology.leaves.size() > hosts_of_leaf.size())
    return error("the topology has {} leaf switches with nodes, and the fabric has hosts on {}",
                 topology.leaves.size(), hosts_of_leaf.size());
  std::map<std::string, uint32_t> host_of;
  std::vector<std::string_view> known;
  std::vector<std::string> chosen;
  auto hosts = hosts_of_leaf.begin();
  for (const ClusterTopology::Leaf& leaf : topology.leaves) {
    if (leaf.nodes.size() > hosts->second.size())
      return error(
          "the topology has {} nodes on switch '{}', and the fabric's leaves have {} hosts; raise "
          "fabric.hosts_per_leaf",
          leaf.nodes.size(), leaf.name, hosts->second.size());
    for (size_t i = 0; i < leaf.nodes.size(); ++i) {
      host_of[leaf.nodes[i]] = hosts->second[i];
      known.push_back(leaf.nodes[i]);
      if (names.empty()) chosen.push_back(leaf.nodes[i]);
    }
    ++hosts;
  }
  if (!names.empty()) {
    auto expanded = expand_hostlist(names);
    if (!expanded) return tl::make_unexpected(expanded.error());
    chosen = *std::move(expanded);
  }
  std::vector<uint32_t> numbers;
  for (const std::string& name : chosen) {
    const auto found = host_of.find(name);
    if (found == host_of.end())
      return error("the topology has no node '{}'{}", name, did_you_mean(name, known));
    numbers.push_back(found->second);
  }
  return fmt::format("{}", fmt::join(numbers, ","));
}

}  // namespace railyard
