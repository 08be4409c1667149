// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/units/number_map.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace railyard {
namespace {

TEST(NumberMap, HoldsWhatAMapHoldsWhateverComesAndGoes) {
  std::mt19937_64 random(7);
  NumberMap<uint32_t> map;
  std::unordered_map<uint32_t, uint32_t> expected;
  for (uint32_t i = 0; i < 200'000; ++i) {
    const auto number = static_cast<uint32_t>(random() % 3'000) * (i % 2 == 0 ? 1 : 65'536);
    const auto found = expected.find(number);
    const uint32_t* const value = map.find(number);
    ASSERT_EQ(value != nullptr, found != expected.end());
    if (value == nullptr) {
      map.insert(number, i);
      expected.emplace(number, i);
    } else {
      ASSERT_EQ(*value, found->second);
      map.erase(number);
      expected.erase(found);
    }
    ASSERT_EQ(map.size(), expected.size());
  }
  uint32_t visited = 0;
  map.for_each([&](uint32_t number, uint32_t value) {
    ++visited;
    EXPECT_EQ(expected.at(number), value);
  });
  EXPECT_EQ(visited, expected.size());
}

}  // namespace
}  // namespace railyard
