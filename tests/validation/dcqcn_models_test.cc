// SPDX-License-Identifier: BSD-3-Clause
// The reaction point that ships, through its row as NICs call it, beside a model of each document that ticks.
#include "tests/validation/dcqcn_models.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

#include "tests/validation/row.h"
#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {
namespace {

constexpr double kLineMbps = 100'000;
constexpr double kTolerance = 0.001;

// What happens after so many ticks more.
struct Step {
  int ticks = 0;
  bool cnp = false;
  uint32_t sent = 0;  // bytes
};
using Script = std::vector<Step>;

void append(Script& script, int times, Step step) {
  script.insert(script.end(), static_cast<size_t>(times), step);
}

// Steps of a number of microseconds.
Step cnp_after(double us) {
  return {static_cast<int>(us * kTicksPerMicrosecond), true, 0};
}
Step sent_after(double us, uint32_t bytes) {
  return {static_cast<int>(us * kTicksPerMicrosecond), false, bytes};
}
Step silence(double us) {
  return {static_cast<int>(us * kTicksPerMicrosecond), false, 0};
}

// The row's functions on a state of their own, called as a NIC calls them: advance() when the deadline has
// come.
class Shipped {
 public:
  explicit Shipped(const DcqcnSettings& settings) : settings_(settings), state_(row_.state_bytes / 8 + 1) {
    row_.construct(state_.data());
    allowance_ = row_.start(state_.data(), &settings_, {BitRate::megabits(100'000), 1024}, SimTime{0});
  }
  ~Shipped() { row_.destroy(state_.data()); }
  Shipped(const Shipped&) = delete;
  Shipped& operator=(const Shipped&) = delete;

  void tick() {
    now_ += SimTime{SimTime::microseconds(1).ps / kTicksPerMicrosecond};
    if (allowance_.deadline <= now_) row_.advance(state_.data(), &settings_, now_, allowance_);
  }
  void cnp() { row_.signalled(state_.data(), &settings_, CongestionSignal::Cnp, now_, allowance_); }
  void sent(uint32_t bytes) { row_.sent(state_.data(), &settings_, bytes, now_, allowance_); }
  double mbps() const { return allowance_.rate_bps / 1e6; }

 private:
  const SenderFunctions& row_ = find_congestion_algorithm("dcqcn")->sender;
  DcqcnSettings settings_;
  std::vector<double> state_;
  Allowance allowance_;
  SimTime now_;
};

// How far the two are apart at worst, looked at after every tick.
template <class Model>
double worst_difference(const DcqcnSettings& settings, Model model, const Script& script) {
  Shipped shipped(settings);
  double worst = 0;
  for (const Step& step : script) {
    for (int i = 0; i < step.ticks; ++i) {
      model.tick();
      shipped.tick();
      worst = std::max(worst, std::abs(shipped.mbps() / model.mbps() - 1));
    }
    if (step.sent != 0) {
      model.sent(step.sent);
      shipped.sent(step.sent);
    }
    if (step.cnp) {
      model.cnp();
      shipped.cnp();
    }
    worst = std::max(worst, std::abs(shipped.mbps() / model.mbps() - 1));
  }
  return worst;
}

// Bursts closer than every period, steady congestion, recovery by the timer, by bytes and by both, and a
// second congestion after line rate.
std::vector<Script> scripts() {
  std::vector<Script> all(7);
  append(all[0], 1, cnp_after(10));  // one CNP, and the way back to line rate
  append(all[0], 1, silence(12'000));
  append(all[0], 3, cnp_after(30));
  append(all[1], 40, cnp_after(0.5));  // within alpha's period and the monitor period
  append(all[1], 40, cnp_after(1.5));
  append(all[1], 1, silence(2'000));
  append(all[2], 200, cnp_after(4));  // at the monitor period, and around it
  append(all[2], 50, cnp_after(3.5));
  append(all[2], 50, cnp_after(4.5));
  for (int gap : {50, 55, 60, 290, 300, 310, 700, 2'000}) append(all[3], 20, cnp_after(gap));
  for (int round = 0; round < 30; ++round) {  // the byte counter alone, then both
    append(all[4], 2, cnp_after(20));
    append(all[4], 500, sent_after(0.5, 60'000));
    append(all[4], 1, cnp_after(5));
    append(all[4], 4'000, sent_after(0.5, 6'000));
  }
  for (int round = 0; round < 20; ++round) {  // the timer last, the bytes last, neither
    append(all[5], 1, cnp_after(7));
    append(all[5], 30, sent_after(5, 100'000));
    append(all[5], 1, silence(200));
    append(all[5], 1, cnp_after(1));
    append(all[5], 2, cnp_after(9));
    append(all[5], 80, sent_after(5, 100'000));
  }
  for (int round = 0; round < 4; ++round) {  // line rate in between
    append(all[6], 20, cnp_after(25));
    append(all[6], 1, silence(20'000));
  }
  return all;
}

struct Clamps {
  bool clamp_tgt_rate, after_time_inc;
};
constexpr Clamps kClamps[] = {{false, true}, {false, false}, {true, true}};

double connectx_difference(const Clamps& clamps, const Script& script) {
  DcqcnSettings settings = *dcqcn_preset("dcqcn-connectx");
  ConnectxModel model(kLineMbps);
  settings.clamp_tgt_rate = model.clamp_tgt_rate = clamps.clamp_tgt_rate;
  settings.clamp_tgt_rate_after_time_inc = model.clamp_tgt_rate_after_time_inc = clamps.after_time_inc;
  return worst_difference(settings, model, script);
}

double paper_difference(const Script& script) {
  return worst_difference(*dcqcn_preset("dcqcn-paper"), PaperModel(kLineMbps), script);
}

void print_difference(const char* rules, size_t count, double worst) {
  print_row(
      fmt::format("R1: {}, {} scripts of CNPs, bytes and silences: rate after every 0.5 us", rules, count),
      "a ticking model", "the reaction point", fmt::format("up to {:.1e} %", 100 * worst), "0.1 %");
}

TEST(DcqcnModels, ConnectxIsMetOverScripts) {
  double worst = 0;
  for (const Clamps& clamps : kClamps) {
    for (const Script& script : scripts()) worst = std::max(worst, connectx_difference(clamps, script));
  }
  EXPECT_LE(worst, kTolerance);
  print_difference("ConnectX's rules, three ways to clamp", scripts().size(), worst);
}

TEST(DcqcnModels, ThePaperIsMetOverScripts) {
  double worst = 0;
  for (const Script& script : scripts()) worst = std::max(worst, paper_difference(script));
  EXPECT_LE(worst, kTolerance);
  print_difference("the paper's rules", scripts().size(), worst);
}

// Of 200 steps, of the whole range from the first try on. To shrink one that fails would take minutes; its
// seed is printed.
Script any_script() {
  const auto step = rc::gen::build<Step>(
      rc::gen::set(&Step::ticks, rc::gen::oneOf(rc::gen::inRange(0, 20), rc::gen::inRange(0, 1'500))),
      rc::gen::set(&Step::cnp, rc::gen::arbitrary<bool>()),
      rc::gen::set(&Step::sent, rc::gen::oneOf(rc::gen::just(0u), rc::gen::inRange(1u, 2'000'000u))));
  return *rc::gen::noShrink(rc::gen::container<Script>(200, rc::gen::resize(rc::kNominalSize, step)));
}

TEST(DcqcnModels, ConnectxIsMetOverAnyScript) {
  EXPECT_TRUE(rc::check([] {
    const Clamps clamps = *rc::gen::elementOf(std::vector<Clamps>(std::begin(kClamps), std::end(kClamps)));
    RC_ASSERT(connectx_difference(clamps, any_script()) <= kTolerance);
  }));
}

TEST(DcqcnModels, ThePaperIsMetOverAnyScript) {
  EXPECT_TRUE(rc::check([] { RC_ASSERT(paper_difference(any_script()) <= kTolerance); }));
}

// The scripts tell the two apart, so that agreement says something.
TEST(DcqcnModels, TheRulesAreNotTheSame) {
  for (const Script& script : scripts())
    EXPECT_GT(worst_difference(*dcqcn_preset("dcqcn-connectx"), PaperModel(kLineMbps), script), 0.05);
}

}  // namespace
}  // namespace railyard
