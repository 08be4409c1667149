// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace railyard::schedule {
namespace {

std::optional<uint32_t> parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "3" or "3-7", appended to `numbers`.
tl::expected<void, std::string> append_range(std::string_view text, uint32_t count, std::string_view what,
                                             std::vector<uint32_t>& numbers) {
  const size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) {
    return tl::make_unexpected(
        fmt::format("'{}' is not a {} or a range of {}s; write for instance 0-7,12", text, what, what));
  }
  if (*last >= count) {
    return tl::make_unexpected(fmt::format("{} {} in '{}' does not exist; the fabric has {}s 0 to {}", what,
                                           *last, text, what, count - 1));
  }
  for (uint32_t number = *first; number <= *last; ++number) numbers.push_back(number);
  return {};
}

tl::expected<std::vector<uint32_t>, std::string> chosen_hosts(std::string_view list, uint32_t host_count) {
  std::vector<uint32_t> hosts;
  if (list.empty()) {
    hosts.resize(host_count);
    std::iota(hosts.begin(), hosts.end(), 0);
    return hosts;
  }
  for (size_t begin = 0; begin <= list.size();) {
    const size_t comma = std::min(list.find(',', begin), list.size());
    if (auto ok = append_range(list.substr(begin, comma - begin), host_count, "host", hosts); !ok) {
      return tl::make_unexpected(ok.error());
    }
    begin = comma + 1;
  }
  std::vector<uint32_t> sorted = hosts;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    return tl::make_unexpected(
        fmt::format("host {} is listed twice in '{}'; name each host once", *twice, list));
  }
  return hosts;
}

using Locations = std::vector<RankLocation>;

// "3:0" or "4:0-7", appended to `locations`.
tl::expected<void, std::string> append_locations(std::string_view text, const Cluster& cluster,
                                                 Locations& locations) {
  const size_t colon = text.find(':');
  std::vector<uint32_t> host, gpus;
  if (colon == std::string_view::npos)
    return tl::make_unexpected(
        fmt::format("'{}' is not a host and its GPUs; write for instance 3:0, 4:0-7", text));
  if (auto ok = append_range(text.substr(0, colon), cluster.host_count, "host", host); !ok) return ok;
  if (auto ok = append_range(text.substr(colon + 1), cluster.gpus_per_host, "GPU", gpus); !ok) return ok;
  for (const uint32_t h : host)
    for (const uint32_t gpu : gpus) locations.push_back({h, gpu});
  return {};
}

tl::expected<Locations, std::string> one_by_one(std::string_view list, uint32_t rank_count,
                                                const Cluster& cluster) {
  Locations locations;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t comma = std::min(list.find(',', begin), list.size());
    if (auto ok = append_locations(list.substr(begin, comma - begin), cluster, locations); !ok)
      return tl::make_unexpected(ok.error());
    begin = comma + 1;
  }
  Locations sorted = locations;
  std::sort(sorted.begin(), sorted.end(),
            [](RankLocation a, RankLocation b) { return std::tie(a.host, a.gpu) < std::tie(b.host, b.gpu); });
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    return tl::make_unexpected(fmt::format("GPU {} of host {} is listed twice in '{}'; name each GPU once",
                                           twice->gpu, twice->host, list));
  if (rank_count > locations.size())
    return tl::make_unexpected(
        fmt::format("{} ranks do not fit on the {} GPUs that are listed; list one for "
                    "each rank",
                    rank_count, locations.size()));
  locations.resize(rank_count);
  return locations;
}

// Fisher and Yates. Own code because the standard's shuffle may differ between libraries, and results with
// it.
void shuffle(std::vector<RankLocation>& slots, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (size_t i = slots.size(); i > 1; --i) std::swap(slots[i - 1], slots[random() % i]);
}

// The free GPUs of the hosts that may be used, host by host.
struct FreeGpus {
  std::vector<uint32_t> hosts;
  std::vector<std::vector<uint32_t>> gpus;  // beside `hosts`, ascending

  size_t count() const {
    size_t sum = 0;
    for (const auto& of_host : gpus) sum += of_host.size();
    return sum;
  }
};

FreeGpus free_gpus(const Placement& placement, std::vector<uint32_t> hosts, uint32_t gpus) {
  const bool whoever =
      placement.strategy == PlacementStrategy::Linear || placement.strategy == PlacementStrategy::Strided;
  std::set<std::pair<uint32_t, uint32_t>> taken;
  if (!whoever)
    for (const RankLocation at : placement.taken) taken.emplace(at.host, at.gpu);
  FreeGpus free;
  for (const uint32_t host : hosts) {
    free.gpus.emplace_back();
    for (uint32_t gpu = 0; gpu < gpus; ++gpu)
      if (taken.count({host, gpu}) == 0) free.gpus.back().push_back(gpu);
  }
  free.hosts = std::move(hosts);
  return free;
}

uint32_t group_of(const std::vector<uint32_t>& group_of_host, uint32_t host) {
  return group_of_host.empty() ? 0 : group_of_host[host];
}

Locations packed(const FreeGpus& free) {
  Locations slots;
  for (size_t h = 0; h < free.hosts.size(); ++h)
    for (const uint32_t gpu : free.gpus[h]) slots.push_back({free.hosts[h], gpu});
  return slots;
}

// The nth free GPU of each host in turn, in the order of `order` (indices in free.hosts).
Locations one_each(const FreeGpus& free, const std::vector<size_t>& order) {
  Locations slots;
  const size_t count = free.count();
  for (size_t nth = 0; slots.size() < count; ++nth)
    for (const size_t h : order)
      if (nth < free.gpus[h].size()) slots.push_back({free.hosts[h], free.gpus[h][nth]});
  return slots;
}

std::vector<size_t> as_listed(const FreeGpus& free) {
  std::vector<size_t> order(free.hosts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

// A host of each leaf in turn.
std::vector<size_t> leaf_by_leaf(const FreeGpus& free, const Cluster& cluster) {
  std::map<uint32_t, uint32_t> hosts_of_leaf;
  std::vector<std::pair<uint32_t, size_t>> turns;  // how many of its leaf come before a host
  for (size_t h = 0; h < free.hosts.size(); ++h)
    turns.emplace_back(hosts_of_leaf[group_of(cluster.leaf_of, free.hosts[h])]++, h);
  std::sort(turns.begin(), turns.end());
  std::vector<size_t> order;
  for (const auto& [turn, h] : turns) order.push_back(h);
  return order;
}

Locations rail_aligned(const FreeGpus& free, const Cluster& cluster) {
  Locations slots = packed(free);
  std::stable_sort(slots.begin(), slots.end(), [&](RankLocation a, RankLocation b) {
    return a.gpu % cluster.nics_per_host < b.gpu % cluster.nics_per_host;
  });
  return slots;
}

// As Slurm's topology/tree places a job: on the smallest part of the fabric that holds it and of these on
// that with the fewest free GPUs; in it on the leaves with the most free ones.
Locations topology_aware(const FreeGpus& free, const Cluster& cluster, uint32_t rank_count) {
  const Locations all = packed(free);
  const auto part_that_holds = [&](const std::vector<uint32_t>& group) -> std::optional<uint32_t> {
    std::map<uint32_t, size_t> count;
    for (const RankLocation at : all) ++count[group_of(group, at.host)];
    std::optional<uint32_t> best;
    for (const auto& [part, slots] : count)
      if (slots >= rank_count && (!best || slots < count[*best])) best = part;
    return best;
  };
  Locations slots = all;
  const std::vector<uint32_t>* group = &cluster.leaf_of;
  auto part = part_that_holds(cluster.leaf_of);
  if (!part) group = &cluster.pod_of, part = part_that_holds(cluster.pod_of);
  if (part)
    slots.erase(std::remove_if(slots.begin(), slots.end(),
                               [&](RankLocation at) { return group_of(*group, at.host) != *part; }),
                slots.end());
  std::map<uint32_t, size_t> on_leaf;
  for (const RankLocation at : slots) ++on_leaf[group_of(cluster.leaf_of, at.host)];
  std::stable_sort(slots.begin(), slots.end(), [&](RankLocation a, RankLocation b) {
    const uint32_t leaf_a = group_of(cluster.leaf_of, a.host), leaf_b = group_of(cluster.leaf_of, b.host);
    if (on_leaf[leaf_a] != on_leaf[leaf_b]) return on_leaf[leaf_a] > on_leaf[leaf_b];
    return leaf_a < leaf_b;
  });
  return slots;
}

Locations slots_of(const Placement& placement, const FreeGpus& free, const Cluster& cluster,
                   uint32_t rank_count) {
  switch (placement.strategy) {
    case PlacementStrategy::Linear:
    case PlacementStrategy::Packed:
      break;
    case PlacementStrategy::Strided:
      return one_each(free, as_listed(free));
    case PlacementStrategy::Random: {
      Locations slots = packed(free);
      shuffle(slots, placement.seed);
      return slots;
    }
    case PlacementStrategy::Spread:
      return one_each(free, leaf_by_leaf(free, cluster));
    case PlacementStrategy::RailAligned:
      return rail_aligned(free, cluster);
    case PlacementStrategy::TopologyAware:
      return topology_aware(free, cluster, rank_count);
  }
  return packed(free);
}

}  // namespace

tl::expected<std::vector<RankLocation>, std::string> place(const Placement& placement, uint32_t rank_count,
                                                           const Cluster& cluster) {
  if (!placement.locations.empty()) return one_by_one(placement.locations, rank_count, cluster);
  const auto hosts = chosen_hosts(placement.hosts, cluster.host_count);
  if (!hosts) return tl::make_unexpected(hosts.error());
  if (placement.gpus > cluster.gpus_per_host) {
    return tl::make_unexpected(
        fmt::format("gpus is {}, but a host has {}; lower it", placement.gpus, cluster.gpus_per_host));
  }
  const uint32_t gpus = placement.gpus == 0 ? cluster.gpus_per_host : placement.gpus;
  const uint64_t gpu_count = uint64_t{gpus} * hosts->size();
  const FreeGpus free = free_gpus(placement, *hosts, gpus);
  const uint64_t free_count = free.count();
  if (rank_count > free_count) {
    const std::string in_use = free_count < gpu_count
                                   ? fmt::format(", {} of them in use by other jobs", gpu_count - free_count)
                                   : "";
    return tl::make_unexpected(fmt::format(
        "{} ranks do not fit on {} hosts with {} GPU{} each ({} in all{}); use more hosts or GPUs, "
        "or fewer ranks",
        rank_count, hosts->size(), gpus, gpus == 1 ? "" : "s", gpu_count, in_use));
  }
  Locations slots = slots_of(placement, free, cluster, rank_count);
  slots.resize(rank_count);
  return slots;
}

}  // namespace railyard::schedule
