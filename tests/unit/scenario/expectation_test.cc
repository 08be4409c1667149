// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/expectation.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

std::string unmet(std::string_view text, record::MetricValue value) {
  const auto expectation = parse_expectation(text);
  EXPECT_TRUE(expectation) << expectation.error();
  record::Summary summary;
  summary.metrics[expectation->metric] = value;
  return unmet_reason(*expectation, summary);
}

TEST(Expectation, EveryComparisonHolds) {
  const record::MetricValue three{3, record::Unit::Count};
  for (const char* text : {"drops == 3", "drops<=3", "drops >= 3", "drops != 2", "drops > 2.5", "drops < 4"})
    EXPECT_EQ(unmet(text, three), "") << text;
  for (const char* text : {"drops == 2", "drops<=2", "drops >= 4", "drops != 3", "drops > 3", "drops < 3"})
    EXPECT_EQ(unmet(text, three), std::string(text) + ": it is 3") << text;
}

TEST(Expectation, LimitsHaveTheMetricsUnit) {
  EXPECT_EQ(unmet("fct.p99 < 2ms", {2.31e-3, record::Unit::Time}), "fct.p99 < 2ms: it is 2.310 ms");
  EXPECT_EQ(unmet("fct.p99 < 3us", {19721589026e-12, record::Unit::Time}), "fct.p99 < 3us: it is 19.72 ms");
  EXPECT_EQ(unmet("fct.p99 < 2ms", {2.000001e-3, record::Unit::Time}), "fct.p99 < 2ms: it is 2000001ns");
  EXPECT_EQ(unmet("busbw.all_reduce > 90 Gb/s", {80.25e9, record::Unit::Rate}),
            "busbw.all_reduce > 90 Gb/s: it is 80.25 Gb/s");
  EXPECT_EQ(unmet("fct.p99 < 2ms", {1.99e-3, record::Unit::Time}), "");
}

TEST(Expectation, AMetricThatTheRunLacksIsNotMet) {
  EXPECT_EQ(unmet_reason(*parse_expectation("busbw.all_reduce > 1Gbps"), {}),
            "busbw.all_reduce > 1Gbps: the run has no such value");
}

TEST(Expectation, AnOperationThatTheRunLacksNamesTheOneItHas) {
  record::Summary summary;
  summary.metrics["busbw.all-reduce"] = {1e9, record::Unit::Rate};
  EXPECT_EQ(unmet_reason(*parse_expectation("busbw.all_reduce > 1Gbps"), summary),
            "busbw.all_reduce > 1Gbps: the run has no such value; did you mean 'busbw.all-reduce'?");
}

TEST(Expectation, MistakesAreExplained) {
  EXPECT_EQ(parse_expectation("fct.p99").error(),
            "'fct.p99' is not an expectation: write a metric, one of < <= > >= == != and a value, such as "
            "fct.p99 < 2ms");
  EXPECT_EQ(parse_expectation("drop == 0").error(),
            "'drop' is not a metric; did you mean 'drops'? (railyard list metrics names them)");
  EXPECT_EQ(parse_expectation("drops == few").error(), "'few' is not a number");
}

}  // namespace
}  // namespace railyard
