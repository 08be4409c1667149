// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/stragglers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard {
namespace {

using testing::HasSubstr;

constexpr uint64_t kSeed = 7;

TrainingStepSettings step_of(uint32_t ranks) {
  TrainingStepSettings step;
  step.ranks = ranks;
  return step;
}

uint64_t compute_ns(const trace::Rank& rank) {
  uint64_t sum = 0;
  for (const trace::Operation& operation : rank.operations())
    if (operation.has_compute() && !operation.compute().wait()) sum += operation.compute().duration_ns();
  return sum;
}

using Applied = tl::expected<trace::Trace, std::string>;

Applied with(const StragglerSettings& settings, const trace::Trace& plain, uint64_t seed = kSeed,
             const char* job = "job") {
  const auto source = with_stragglers(trace::HeldTrace::of(plain).value(), settings, seed, job);
  if (!source) return tl::make_unexpected(source.error());
  return whole_trace(**source);
}

TEST(SlowRanks, ComputeAsManyTimesAsLong) {
  const trace::Trace plain = make_training_step(step_of(16)).value();
  StragglerSettings settings;
  settings.slow_ranks = "{5: 1.5x, 8-9: 3}";
  EXPECT_FALSE(depends_on_seed(settings));
  const trace::Trace slow = with(settings, plain).value();
  for (int r = 0; r < 16; ++r) {
    const double factor = r == 5 ? 1.5 : r == 8 || r == 9 ? 3 : 1;
    EXPECT_EQ(compute_ns(slow.ranks(r)), static_cast<uint64_t>(factor * compute_ns(plain.ranks(r)))) << r;
  }
}

TEST(SlowRanks, AreRefusedWhereTheyCannotBeRead) {
  const trace::Trace plain = make_training_step(step_of(16)).value();
  const auto error_of = [&](const std::string& text) {
    StragglerSettings settings;
    settings.slow_ranks = text;
    const Applied done = with(settings, plain);
    return done ? "done" : done.error();
  };
  for (const char* text : {"5", "5:", "5:-1", "a:2", "7-5:2", "5:2y", "5:0"})
    EXPECT_THAT(error_of(text), HasSubstr("write for instance {5: 1.5x, 8-15: 2x}")) << text;
  EXPECT_THAT(error_of("16:2"), HasSubstr("there is no rank 16; the job has ranks 0 to 15"));
}

class Jitter : public testing::TestWithParam<JitterKind> {};

TEST_P(Jitter, KeepsTheMeanAndHasItsSpread) {
  TrainingStepSettings step = step_of(500);
  step.buckets = 20;
  const trace::Trace plain = make_training_step(step).value();
  StragglerSettings settings;
  settings.jitter = GetParam();
  settings.jitter_spread = 0.2;
  EXPECT_TRUE(depends_on_seed(settings));
  const trace::Trace varied = with(settings, plain).value();
  double sum = 0, squares = 0, count = 0;
  for (int r = 0; r < plain.ranks_size(); ++r)
    for (int i = 0; i < plain.ranks(r).operations_size(); ++i) {
      if (!plain.ranks(r).operations(i).has_compute()) continue;
      const double factor = static_cast<double>(varied.ranks(r).operations(i).compute().duration_ns()) /
                            static_cast<double>(plain.ranks(r).operations(i).compute().duration_ns());
      sum += factor, squares += factor * factor, ++count;
    }
  const double mean = sum / count;
  EXPECT_NEAR(mean, 1, 0.01);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 0.2, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Jitter,
                         testing::Values(JitterKind::Normal, JitterKind::Lognormal, JitterKind::Exponential));

TEST(StartSkew, DelaysWhatWaitsForNothing) {
  StragglerSettings settings;
  settings.start_skew = SimTime::microseconds(100);
  const trace::Trace trace =
      with(settings, make_incast({200, {4096}, 2, SimTime::microseconds(5)}).value()).value();
  EXPECT_TRUE(trace::validate(trace).empty());
  double sum = 0;
  for (int r = 1; r <= 200; ++r) {
    const auto& operations = trace.ranks(r).operations();
    ASSERT_EQ(operations[0].name(), "start skew");
    EXPECT_LE(operations[0].compute().duration_ns(), 100'000U);
    EXPECT_EQ(operations[1].after(0), 1U);
    sum += static_cast<double>(operations[0].compute().duration_ns());
  }
  EXPECT_NEAR(sum / 200, 50'000, 6'000);  // three standard errors
}

TEST(Stragglers, AreDrawnByJobAndSeedAndLeaveWaitsAlone) {
  const trace::Trace plain = make_incast({4, {4096}, 2, SimTime::microseconds(5)}).value();
  StragglerSettings settings;
  settings.jitter = JitterKind::Normal;
  settings.slow_ranks = "1:3";
  EXPECT_EQ(*trace::encode_trace(with(settings, plain).value()), *trace::encode_trace(plain));
  const auto drawn = [&](uint64_t seed, const char* job) {
    return *trace::encode_trace(with(settings, make_training_step(step_of(4)).value(), seed, job).value());
  };
  EXPECT_EQ(drawn(1, "a"), drawn(1, "a"));
  EXPECT_NE(drawn(1, "a"), drawn(1, "b"));
  EXPECT_NE(drawn(1, "a"), drawn(2, "a"));
}

}  // namespace
}  // namespace railyard
