// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <random>
#include <string_view>

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

// "3" or "3-7", appended to `hosts`.
tl::expected<void, std::string> append_range(std::string_view text, uint32_t host_count,
                                             std::vector<uint32_t>& hosts) {
  const size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) {
    return tl::make_unexpected(
        fmt::format("'{}' is not a host or a range of hosts; write for instance 0-7,12", text));
  }
  if (*last >= host_count) {
    return tl::make_unexpected(fmt::format("host {} in '{}' does not exist; the fabric has hosts 0 to {}",
                                           *last, text, host_count - 1));
  }
  for (uint32_t host = *first; host <= *last; ++host) hosts.push_back(host);
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
    if (auto ok = append_range(list.substr(begin, comma - begin), host_count, hosts); !ok) {
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

// Fisher and Yates. Own code because the standard's shuffle may differ between libraries, and results with
// it.
void shuffle(std::vector<RankLocation>& slots, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (size_t i = slots.size(); i > 1; --i) std::swap(slots[i - 1], slots[random() % i]);
}

}  // namespace

tl::expected<std::vector<RankLocation>, std::string> place(const Placement& placement, uint32_t rank_count,
                                                           uint32_t host_count, uint32_t gpus_per_host) {
  const auto hosts = chosen_hosts(placement.hosts, host_count);
  if (!hosts) return tl::make_unexpected(hosts.error());
  if (placement.gpus > gpus_per_host) {
    return tl::make_unexpected(
        fmt::format("gpus is {}, but a host has {}; lower it", placement.gpus, gpus_per_host));
  }
  const uint32_t gpus = placement.gpus == 0 ? gpus_per_host : placement.gpus;
  const uint64_t slot_count = uint64_t{gpus} * hosts->size();
  if (rank_count > slot_count) {
    return tl::make_unexpected(
        fmt::format("{} ranks do not fit on {} hosts with {} GPU{} each ({} in all); use more hosts or GPUs, "
                    "or fewer ranks",
                    rank_count, hosts->size(), gpus, gpus == 1 ? "" : "s", slot_count));
  }
  std::vector<RankLocation> slots;
  slots.reserve(slot_count);
  const uint32_t n = static_cast<uint32_t>(hosts->size());
  for (uint32_t i = 0; i < slot_count; ++i) {
    const bool strided = placement.strategy == PlacementStrategy::Strided;
    slots.push_back(strided ? RankLocation{(*hosts)[i % n], i / n}
                            : RankLocation{(*hosts)[i / gpus], i % gpus});
  }
  if (placement.strategy == PlacementStrategy::Random) shuffle(slots, placement.seed);
  slots.resize(rank_count);
  return slots;
}

}  // namespace railyard::schedule
