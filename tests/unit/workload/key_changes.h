// SPDX-License-Identifier: BSD-3-Clause
// That no key of a workload is ignored: each, changed alone, changes what ranks do.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

struct KeyChange {
  std::pair<std::string, std::string> change;
  KeyValues where;  // what else must be so for the key to matter
};

inline void set_keys(const Workload& workload, std::any& settings, const KeyValues& values) {
  for (const auto& [key, value] : values) {
    bool found = false;
    for (const BoundParameter& row : workload.bind(settings)) {
      if (row.name != key) continue;
      const auto set = row.set(value);
      EXPECT_TRUE(set) << key << ": " << set.error();
      found = true;
    }
    EXPECT_TRUE(found) << key;
  }
}

// Everything that the ranks do, without how the settings call it.
inline std::string what_ranks_do(const Workload& workload, const KeyValues& values) {
  std::any settings = workload.defaults;
  set_keys(workload, settings, values);
  const auto made = workload.make(settings, WorkloadContext{});
  if (!made) return "error: " + made.error();
  const trace::Trace trace = whole_trace(**made);
  std::string text;
  for (const trace::Rank& rank : trace.ranks()) text += rank.SerializeAsString() + '\n';
  for (const trace::Group& group : trace.header().groups()) text += group.SerializeAsString() + '\n';
  return text;
}

inline void expect_every_key_to_matter(const Workload& workload, const KeyValues& base,
                                       const std::vector<KeyChange>& changes) {
  std::set<std::string> tried;
  for (const KeyChange& change : changes) {
    tried.insert(change.change.first);
    KeyValues before = base;
    before.insert(before.end(), change.where.begin(), change.where.end());
    KeyValues after = before;
    after.push_back(change.change);
    const std::string was = what_ranks_do(workload, before), is = what_ranks_do(workload, after);
    EXPECT_FALSE(was == is) << change.change.first;  // too long to be shown
    for (const std::string& text : {was, is}) {
      const bool failed = text.compare(0, 5, "error") == 0;
      EXPECT_FALSE(failed) << change.change.first << ": " << (failed ? text : "");
    }
  }
  std::any settings = workload.defaults;
  for (const BoundParameter& row : workload.bind(settings))
    EXPECT_THAT(tried, testing::Contains(std::string(row.name)));
}

}  // namespace railyard
