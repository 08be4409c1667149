// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/pair_numbers.h"

#include <algorithm>
#include <unordered_map>

namespace railyard::schedule {

PairNumbers::PairNumbers(const std::vector<uint32_t>& host_of, uint32_t within, uint32_t between)
    : within_(within), between_(between) {
  std::unordered_map<uint32_t, uint32_t> index;
  for (uint32_t member = 0; member < host_of.size(); ++member) {
    const auto [entry, is_new] =
        index.try_emplace(host_of[member], static_cast<uint32_t>(members_on_.size()));
    if (is_new) members_on_.emplace_back();
    members_on_[entry->second].push_back(member);
    host_of_.push_back(entry->second);
  }
  for (uint32_t source = 0; source < members(); ++source) {
    const uint64_t here = members_on_[host_of_[source]].size();
    first_of_source_.push_back(first_of_source_.back() + (here - 1) * within_ +
                               (members() - here) * between_);
  }
}

uint64_t PairNumbers::first_of(uint32_t source, uint32_t destination) const {
  const std::vector<uint32_t>& here = members_on_[host_of_[source]];
  const uint64_t after_source = destination > source ? 1 : 0;
  const auto before_on_host =
      static_cast<uint64_t>(std::lower_bound(here.begin(), here.end(), destination) - here.begin());
  const uint64_t within = before_on_host - after_source;
  const uint64_t between = destination - before_on_host;
  return first_of_source_[source] + within * within_ + between * between_;
}

PairNumbers::Pair PairNumbers::pair_of(uint64_t number) const {
  const auto after = std::upper_bound(first_of_source_.begin(), first_of_source_.end(), number);
  const auto source = static_cast<uint32_t>(after - first_of_source_.begin()) - 1;
  uint64_t left = number - first_of_source_[source];
  // Between two members of the source's own host are only members of others.
  uint32_t destination = 0;
  for (const uint32_t on_host : members_on_[host_of_[source]]) {
    const uint64_t others = uint64_t{on_host - destination} * between_;
    if (left < others) break;
    left -= others;
    const uint32_t own = on_host == source ? 0 : within_;
    if (left < own) return {source, on_host, static_cast<uint32_t>(left)};
    left -= own;
    destination = on_host + 1;
  }
  return {source, destination + static_cast<uint32_t>(left / between_),
          static_cast<uint32_t>(left % between_)};
}

}  // namespace railyard::schedule
