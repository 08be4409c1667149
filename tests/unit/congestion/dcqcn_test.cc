// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {
namespace {

constexpr BitRate kLine = BitRate::gigabits(40);
constexpr double kGigabit = 1e9;
constexpr double kMegabit = 1e6;

constexpr SimTime us(int64_t n) {
  return SimTime::microseconds(n);
}

// A flow and its settings; times in microseconds.
struct Flow {
  explicit Flow(DcqcnSettings settings = {}, BitRate line = kLine) : p(settings) {
    a = Dcqcn::start(s, p, {line, 1024}, SimTime{0});
  }
  void cnp(int64_t at_us) { signal(CongestionSignal::Cnp, us(at_us)); }
  void signal(CongestionSignal what, SimTime at) {
    if (a.deadline <= at) Dcqcn::advance(s, p, at, a);
    Dcqcn::signalled(s, p, what, at, a);
  }
  void advance(int64_t to_us) { Dcqcn::advance(s, p, us(to_us), a); }
  void send(uint32_t bytes) { Dcqcn::sent(s, p, bytes, s.timer_started, a); }
  double rate() const { return a.rate_bps; }
  SimTime deadline() const { return a.deadline; }
  Dcqcn::Phase phase() const { return Dcqcn::phase(s, p); }

  DcqcnSettings p;
  Dcqcn::State s;
  Allowance a;
};

DcqcnSettings connectx() {
  return *dcqcn_preset("dcqcn-connectx");
}

TEST(Dcqcn, StartsAtLineRateAndStaysThere) {
  Flow f;
  EXPECT_EQ(f.rate(), 40 * kGigabit);
  EXPECT_EQ(f.deadline(), SimTime::never());
  f.send(1'000'000'000);
  f.advance(1'000'000);
  EXPECT_EQ(f.rate(), 40 * kGigabit);
}

// RT = RC, RC = RC (1 - alpha/2), alpha = (1-g) alpha + g [equation 1].
TEST(Dcqcn, ACnpCutsByHalfOfAlpha) {
  Flow f;
  f.cnp(0);
  const double alpha = 1'023.0 / 1'024;
  EXPECT_DOUBLE_EQ(f.rate(), 40 * kGigabit * (1 - alpha / 2));  // 20.02 Gb/s
  EXPECT_DOUBLE_EQ(f.s.target_bps, 40 * kGigabit);
  EXPECT_DOUBLE_EQ(f.s.alpha, alpha * 255 / 256 + 1.0 / 256);
  EXPECT_EQ(f.deadline(), us(55));

  const double before = f.rate();
  f.s.alpha = 0.5;
  f.cnp(50);
  EXPECT_DOUBLE_EQ(f.rate(), before * 0.75);
  EXPECT_DOUBLE_EQ(f.s.target_bps, before);
  EXPECT_DOUBLE_EQ(f.s.alpha, 0.5 * 255 / 256 + 1.0 / 256);
}

TEST(Dcqcn, TheFirstCnpMeetsTheInitialAlphaHoweverLateItComes) {
  for (const DcqcnSettings& p : {DcqcnSettings{}, connectx()}) {
    Flow f(p);
    f.cnp(1'000'000);
    EXPECT_DOUBLE_EQ(f.rate(), 40 * kGigabit * (1 - 1'023.0 / 2'048));
  }
}

TEST(Dcqcn, AlphaDecaysByOneFactorAPeriod) {
  Flow f;
  f.cnp(0);
  const double alpha = f.s.alpha;
  f.s.current_bps = f.s.target_bps = 10 * kGigabit;
  f.cnp(54);  // before the period has passed
  EXPECT_DOUBLE_EQ(f.rate(), 10 * kGigabit * (1 - alpha / 2));

  Flow late;
  late.cnp(0);
  late.cnp(3 * 55);
  const double decayed = alpha * std::pow(255.0 / 256, 3);
  EXPECT_DOUBLE_EQ(late.s.alpha, decayed * 255 / 256 + 1.0 / 256);
}

TEST(Dcqcn, AlphaAfterLongIdlenessIsRepeatedMultiplication) {
  EXPECT_TRUE(rc::check([] {
    Flow f;
    f.cnp(0);
    double expected = f.s.alpha;
    const SimTime idle{*rc::gen::inRange<int64_t>(0, us(20'000).ps)};
    for (SimTime t = f.p.dce_tcp_rtt; t <= idle; t += f.p.dce_tcp_rtt) expected *= 255.0 / 256;
    f.signal(CongestionSignal::Cnp, idle);
    RC_ASSERT(std::abs(f.s.alpha - (expected * 255 / 256 + 1.0 / 256)) <= 1e-12);
  }));
}

TEST(Dcqcn, AlphaVanishesOverAnHour) {
  Flow f;
  f.cnp(0);
  f.advance(1'000'000);
  ASSERT_FALSE(f.s.limited);
  f.cnp(3'600'000'000);
  EXPECT_DOUBLE_EQ(f.rate(), 40 * kGigabit);
}

// Once in dce_tcp_rtt, whether or not a CNP came; the first period begins with the first CNP, which meets the
// initial value [DOC-2790].
TEST(Dcqcn, ConnectxUpdatesAlphaOncePerPeriod) {
  constexpr double kKept = 1'019.0 / 1'024;
  Flow f(connectx());
  const SimTime half = SimTime::nanoseconds(500);
  f.cnp(0);
  double alpha = 1'023.0 / 1'024;
  EXPECT_DOUBLE_EQ(f.s.alpha, alpha);
  for (int64_t i = 0; i < 5; ++i) f.signal(CongestionSignal::Cnp, us(2) + half + SimTime{i});
  alpha *= kKept * kKept;  // nothing came in the first two
  EXPECT_DOUBLE_EQ(f.s.alpha, alpha);
  f.signal(CongestionSignal::Cnp, us(10) + half);
  alpha = alpha * kKept + (1 - kKept);  // once for the five
  for (int64_t period = 3; period < 10; ++period) alpha *= kKept;
  EXPECT_NEAR(f.s.alpha, alpha, 1e-12);
}

TEST(Dcqcn, ConnectxForgetsAlphaAtLineRate) {
  Flow f(connectx());
  f.cnp(0);
  const double cut = f.rate();
  f.advance(1'000'000);
  ASSERT_FALSE(f.s.limited);
  f.cnp(1'000'001);
  EXPECT_DOUBLE_EQ(f.rate(), cut);
}

// The rate goes half the way to the fixed target F times, then the target rises by R_AI [section 3.1,
// equations 3 and 4]; in the fluid model too the target rises from the expiry after F on ["ECN or Delay", the
// terms (1-p)^(FB) and (1-p)^(FTR)].
TEST(Dcqcn, FastRecoveryHasFIterationsThenTheTargetRises) {
  Flow f;
  f.s.alpha = 1;
  f.cnp(0);
  EXPECT_DOUBLE_EQ(f.rate(), 20 * kGigabit);
  f.s.line_bps = 100 * kGigabit;  // out of reach
  double expected = 20 * kGigabit;
  for (int64_t i = 1; i <= 5; ++i) {
    f.advance(i * 55 - 1);
    EXPECT_DOUBLE_EQ(f.rate(), expected) << i;
    f.advance(i * 55);
    expected = (expected + 40 * kGigabit) / 2;
    EXPECT_DOUBLE_EQ(f.rate(), expected) << i;
    EXPECT_EQ(f.phase(), Dcqcn::Phase::FastRecovery) << i;
  }
  f.advance(6 * 55);
  EXPECT_EQ(f.phase(), Dcqcn::Phase::AdditiveIncrease);
  EXPECT_DOUBLE_EQ(f.s.target_bps, 40 * kGigabit + 40 * kMegabit);
  EXPECT_DOUBLE_EQ(f.rate(), (expected + f.s.target_bps) / 2);
}

TEST(Dcqcn, ConnectxRaisesTheTargetAfterOneIteration) {
  Flow f(connectx(), BitRate::gigabits(100));
  f.cnp(0);
  f.s.line_bps = 200 * kGigabit;
  f.advance(300);
  EXPECT_DOUBLE_EQ(f.s.target_bps, 100 * kGigabit);
  f.advance(600);
  EXPECT_DOUBLE_EQ(f.s.target_bps, 100 * kGigabit + 5 * kMegabit);
}

TEST(Dcqcn, CatchingUpEqualsTickingAlong) {
  EXPECT_TRUE(rc::check([] {
    const DcqcnSettings p = *rc::gen::element(DcqcnSettings{}, connectx());
    Flow ticking(p), idle(p);
    for (Flow* f : {&ticking, &idle}) f->cnp(0);
    const int64_t end = *rc::gen::inRange<int64_t>(0, 100'000);
    for (int64_t t = 0; t <= end; t += 7) ticking.advance(t);
    for (Flow* f : {&ticking, &idle}) f->cnp(end);
    RC_ASSERT(ticking.rate() == idle.rate());
    RC_ASSERT(ticking.s.target_bps == idle.s.target_bps);
    RC_ASSERT(ticking.s.alpha == idle.s.alpha);
  }));
}

TEST(Dcqcn, TheByteCounterIncreasesToo) {
  Flow f;
  f.s.alpha = 1;
  f.cnp(0);
  f.send(9'999'999);
  EXPECT_DOUBLE_EQ(f.rate(), 20 * kGigabit);
  f.send(1);
  EXPECT_DOUBLE_EQ(f.rate(), 30 * kGigabit);
  EXPECT_EQ(f.s.byte_stage, 1u);
  f.send(10'000'500);  // what is over counts for the next stage
  EXPECT_DOUBLE_EQ(f.rate(), 35 * kGigabit);
  f.send(9'999'500);
  EXPECT_EQ(f.s.byte_stage, 3u);
  f.cnp(10);
  EXPECT_EQ(f.s.byte_stage, 0u);
  EXPECT_EQ(f.s.bytes_counted, 0u);
}

TEST(Dcqcn, AByteResetOfZeroTurnsTheByteCounterOff) {
  DcqcnSettings p;
  p.rpg_byte_reset = {0};
  Flow f(p);
  f.cnp(0);
  const double rate = f.rate();
  for (int i = 0; i < 100; ++i) f.send(4'096);
  EXPECT_EQ(f.rate(), rate);
  EXPECT_EQ(f.s.byte_stage, 0u);
}

TEST(Dcqcn, HyperIncreaseWantsBothCountersPastF) {
  Flow f;
  f.cnp(0);
  f.s.line_bps = 1'000 * kGigabit;
  for (int i = 0; i < 5; ++i) f.send(10'000'000);
  f.advance(5 * 55);
  EXPECT_EQ(f.phase(), Dcqcn::Phase::FastRecovery);
  f.send(10'000'000);  // sixth of the byte counter
  EXPECT_EQ(f.phase(), Dcqcn::Phase::AdditiveIncrease);
  const double target = f.s.target_bps;
  f.advance(6 * 55);
  EXPECT_EQ(f.phase(), Dcqcn::Phase::HyperIncrease);
  EXPECT_DOUBLE_EQ(f.s.target_bps, target + 400 * kMegabit);
}

TEST(Dcqcn, RecoversToExactlyLineRateAndForgetsTheLimit) {
  for (const DcqcnSettings& p : {DcqcnSettings{}, connectx()}) {
    Flow f(p);
    f.cnp(0);
    f.advance(10'000'000);
    EXPECT_EQ(f.rate(), 40 * kGigabit);
    EXPECT_FALSE(f.s.limited);
    EXPECT_EQ(f.deadline(), SimTime::never());
  }
}

TEST(Dcqcn, NoRunOfEventsLeavesTheRangeOfRates) {
  EXPECT_TRUE(rc::check([] {
    const DcqcnSettings p = *rc::gen::element(DcqcnSettings{}, connectx());
    Flow f(p);
    int64_t now = 0;
    for (uint32_t what : *rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, 2'000))) {
      now += what;
      if (what % 3 == 0) f.cnp(now);
      if (what % 3 == 1) f.advance(now);
      if (what % 3 == 2) f.send(what * 10'000);
      RC_ASSERT(f.rate() >= 1 * kMegabit);
      RC_ASSERT(f.rate() <= 40 * kGigabit);
      RC_ASSERT(f.s.target_bps <= 40 * kGigabit);
      RC_ASSERT(f.s.alpha >= 0 && f.s.alpha <= 1);
      RC_ASSERT(f.deadline() > us(now) || what % 3 == 2);
    }
  }));
}

TEST(Dcqcn, NeverFallsBelowTheMinimumRate) {
  Flow f;
  for (int64_t i = 0; i < 100; ++i) f.cnp(i);
  EXPECT_DOUBLE_EQ(f.rate(), 1 * kMegabit);
}

TEST(Dcqcn, OneDecreaseLeavesAtLeastTheMinimumFactor) {
  DcqcnSettings p;
  p.rpg_gd = 10;  // a CNP would cut by all of alpha
  p.rpg_min_dec_fac = 80;
  Flow f(p);
  f.cnp(0);
  EXPECT_DOUBLE_EQ(f.rate(), 32 * kGigabit);
}

TEST(Dcqcn, ACnpInTheMonitorPeriodCutsAtItsEnd) {
  Flow f(connectx());
  f.cnp(0);
  const double rate = f.rate();
  EXPECT_EQ(f.deadline(), us(300));
  f.cnp(1);
  f.cnp(3);
  EXPECT_EQ(f.rate(), rate);
  EXPECT_EQ(f.deadline(), us(4));
  f.advance(4);
  const double alpha = f.s.alpha;
  EXPECT_DOUBLE_EQ(f.rate(), rate * (1 - alpha / 2));  // once for both
  EXPECT_EQ(f.deadline(), us(304));
  f.advance(20);
  EXPECT_DOUBLE_EQ(f.rate(), rate * (1 - alpha / 2));
  f.cnp(21);  // no period is open: at once
  EXPECT_LT(f.rate(), rate * (1 - alpha / 2));
  EXPECT_EQ(f.deadline(), us(321));
}

// Whoever comes late finds the cut at its time: the timer has run since then.
TEST(Dcqcn, AWaitingCutIsCaughtUpWith) {
  Flow punctual(connectx()), late(connectx());
  for (Flow* f : {&punctual, &late}) {
    f->cnp(0);
    f->cnp(2);
  }
  for (int64_t t = 3; t <= 304; ++t) punctual.advance(t);
  late.advance(304);
  EXPECT_EQ(late.s.timer_stage, 1u);
  EXPECT_EQ(punctual.rate(), late.rate());
  EXPECT_EQ(punctual.deadline(), late.deadline());
}

TEST(Dcqcn, WithoutClampingTheTargetOutlastsCnpsUntilAnIncrease) {
  Flow f(connectx());
  f.cnp(0);
  f.cnp(10);
  EXPECT_DOUBLE_EQ(f.s.target_bps, 40 * kGigabit);
  f.send(2'097'088);  // the byte counter
  const double raised = f.rate();
  f.cnp(20);
  EXPECT_DOUBLE_EQ(f.s.target_bps, raised);
  f.cnp(30);
  EXPECT_DOUBLE_EQ(f.s.target_bps, raised);
}

TEST(Dcqcn, WhetherTheTimersIncreaseClampsIsAParameter) {
  for (const bool after_time_inc : {false, true}) {
    DcqcnSettings p = connectx();
    p.clamp_tgt_rate_after_time_inc = after_time_inc;
    Flow f(p);
    f.cnp(0);
    f.send(2'097'088);
    f.advance(300);  // the last increase is the timer's
    const double raised = f.rate();
    f.cnp(310);
    EXPECT_DOUBLE_EQ(f.s.target_bps, after_time_inc ? raised : 40 * kGigabit);
  }
}

TEST(Dcqcn, ANakCutsOnlyWithSlowRestart) {
  for (const bool slow_restart : {false, true}) {
    DcqcnSettings p = connectx();
    p.roce_slow_restart = slow_restart;
    Flow told(p), marked(p);
    told.signal(CongestionSignal::Nak, us(5));
    if (slow_restart) marked.cnp(5);
    EXPECT_EQ(told.rate(), marked.rate());
    EXPECT_EQ(told.deadline(), marked.deadline());
    told.signal(CongestionSignal::Timeout, us(50));
    EXPECT_EQ(told.rate(), marked.rate());
  }
}

TEST(Dcqcn, TheFirstCnpMaySetTheRate) {
  DcqcnSettings p;
  p.rate_to_set_on_first_cnp = BitRate::gigabits(5);
  Flow f(p);
  f.cnp(0);
  EXPECT_DOUBLE_EQ(f.rate(), 5 * kGigabit);
  f.s.alpha = 1;
  f.cnp(50);  // from the second on, as without
  EXPECT_DOUBLE_EQ(f.rate(), 2.5 * kGigabit);

  p.clamp_tgt_rate = false;  // the target follows all the same
  Flow unclamped(p);
  unclamped.cnp(0);
  EXPECT_DOUBLE_EQ(unclamped.s.target_bps, 5 * kGigabit);

  Flow slow(p, BitRate::gigabits(1));
  slow.cnp(0);
  EXPECT_LE(slow.rate(), 1 * kGigabit);  // it never raises a rate
}

TEST(Dcqcn, RatesAndBytesScaleWithTheLinkWhereTheyAreForAnother) {
  DcqcnSettings p;
  p.reference_rate = kLine;
  p.rpg_min_rate = BitRate::megabits(100);
  p.rpg_byte_reset = {20'000};
  Flow plain(p), scaled(p, BitRate{4 * kLine.bps});
  for (int64_t i = 0; i < 20; ++i) plain.cnp(i), scaled.cnp(i);
  EXPECT_EQ(plain.a.rate_bps, 100 * kMegabit);
  EXPECT_EQ(scaled.a.rate_bps, 400 * kMegabit);
  // Frames four times as large make up for four times the bytes, through recovery and increase.
  for (int64_t i = 0; i < 140; ++i) {
    Dcqcn::sent(plain.s, plain.p, 1'000, us(20), plain.a);
    Dcqcn::sent(scaled.s, scaled.p, 4'000, us(20), scaled.a);
    EXPECT_NEAR(scaled.a.rate_bps, 4 * plain.a.rate_bps, 1);
  }
  EXPECT_GT(plain.s.byte_stage, p.rpg_threshold);
}

}  // namespace
}  // namespace railyard
