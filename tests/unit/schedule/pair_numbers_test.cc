// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/pair_numbers.h"

#include <gtest/gtest.h>

namespace railyard::schedule {
namespace {

// Against counting.
void check(const std::vector<uint32_t>& hosts, uint32_t within, uint32_t between) {
  const PairNumbers pairs(hosts, within, between);
  uint64_t number = 0;
  for (uint32_t source = 0; source < hosts.size(); ++source)
    for (uint32_t destination = 0; destination < hosts.size(); ++destination) {
      if (source == destination) continue;
      ASSERT_EQ(pairs.first_of(source, destination), number);
      const uint32_t size = hosts[source] == hosts[destination] ? within : between;
      ASSERT_EQ(pairs.size_of(source, destination), size);
      for (uint32_t index = 0; index < size; ++index, ++number) {
        const PairNumbers::Pair pair = pairs.pair_of(number);
        ASSERT_EQ(pair.source, source) << number;
        ASSERT_EQ(pair.destination, destination) << number;
        ASSERT_EQ(pair.index, index) << number;
      }
    }
  EXPECT_EQ(pairs.count(), number);
}

TEST(PairNumbers, AreThoseThatCountingGives) {
  const std::vector<std::vector<uint32_t>> groups = {
      {4, 9}, {0, 0}, {0, 1, 2, 3, 4}, {0, 0, 1, 1, 2, 2}, {5, 3, 5, 3, 3, 8, 5}, {1, 1, 1, 0, 1, 1}};
  for (const auto& hosts : groups)
    for (const uint32_t within : {0U, 1U, 2U, 4U})
      for (const uint32_t between : {1U, 2U, 4U}) check(hosts, within, between);
}

}  // namespace
}  // namespace railyard::schedule
