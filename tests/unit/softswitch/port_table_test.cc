// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/port_table.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace railyard::lab {
namespace {

constexpr uint64_t kBytesOfOneMbps = 125'000;  // in a second

Snapshot snapshot(int64_t seconds, uint64_t received_of_0, uint64_t sent_by_1) {
  Snapshot snapshot;
  snapshot.at = SimTime::seconds(seconds);
  snapshot.ports.resize(2);
  snapshot.ports[0].rx_wire_bytes = received_of_0 * kBytesOfOneMbps;
  snapshot.ports[1].tx_wire_bytes = sent_by_1 * kBytesOfOneMbps;
  return snapshot;
}

std::vector<double> rates(const Snapshot& start, const Snapshot& end) {
  const auto json = nlohmann::json::parse(summary_json(start, end, Histogram()));
  return {json["ports"][0]["rx_mbps"], json["ports"][1]["tx_mbps"]};
}

TEST(PortTable, RatesAreThoseSinceTheFormerSnapshot) {
  EXPECT_THAT(rates(snapshot(1, 10, 20), snapshot(3, 16, 30)), testing::ElementsAre(3, 5));
}

TEST(PortTable, CountsEveryPortFromZeroWhereOneBeganAnew) {
  const Snapshot before = snapshot(1, 10, 20), now = snapshot(2, 16, 12);
  EXPECT_THAT(rates(before, now), testing::ElementsAre(16, 12));
  const std::string table = port_table(before, now);
  EXPECT_THAT(table, testing::HasSubstr(" 16.000 "));
  EXPECT_THAT(table, testing::HasSubstr(" 12.000 "));
}

}  // namespace
}  // namespace railyard::lab
