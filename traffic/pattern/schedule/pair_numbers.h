// SPDX-License-Identifier: BSD-3-Clause
// Numbers for what every member of a group has towards every other one, found by arithmetic: of 8,192
// members there are 67 million pairs.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::schedule {

// Pairs are ordered by source, then by destination; each has as many numbers as `within` or `between` says,
// whether its members are on one host or on two.
class PairNumbers {
 public:
  struct Pair {
    uint32_t source = 0, destination = 0;
    uint32_t index = 0;  // among the pair's numbers
  };

  PairNumbers() = default;
  // Hosts by member; members whose hosts nobody knows have one each. `between` is at least 1.
  PairNumbers(const std::vector<uint32_t>& host_of, uint32_t within, uint32_t between);

  uint32_t members() const { return static_cast<uint32_t>(host_of_.size()); }
  uint64_t count() const { return first_of_source_.back(); }
  uint32_t within() const { return within_; }
  uint32_t between() const { return between_; }
  // The members on a member's host, ascending, with itself.
  const std::vector<uint32_t>& beside(uint32_t member) const { return members_on_[host_of_[member]]; }
  bool same_host(uint32_t a, uint32_t b) const { return host_of_[a] == host_of_[b]; }
  uint32_t size_of(uint32_t source, uint32_t destination) const {
    return same_host(source, destination) ? within_ : between_;
  }
  // Of the pair's first number. Source and destination differ.
  uint64_t first_of(uint32_t source, uint32_t destination) const;
  // Whose number it is; below count().
  Pair pair_of(uint64_t number) const;

 private:
  uint32_t within_ = 0, between_ = 1;
  std::vector<uint32_t> host_of_;                  // hosts counted as they first occur
  std::vector<std::vector<uint32_t>> members_on_;  // by host, ascending
  std::vector<uint64_t> first_of_source_{0};       // and one more: all
};

}  // namespace railyard::schedule
