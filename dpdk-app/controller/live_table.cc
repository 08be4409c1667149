// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/live_table.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "tools/report/number_format.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using record::Unit;

struct Column {
  const char* title;
  unsigned width;
  bool wide_only;
  std::string (*text)(const PlayerState&);
};

std::string rate(uint64_t bps) {
  return report::quantity(static_cast<double>(bps), Unit::Rate);
}
std::string count(uint64_t n) {
  constexpr uint64_t kMillion = 1'000'000;
  if (n < kMillion) return fmt::format("{}", n);
  return fmt::format("{:.4g} M", static_cast<double>(n) / kMillion);
}

std::string state_of(const PlayerState& player) {
  if (!player.lost.empty()) return "lost";
  if (player.finished) return "ended";
  if (player.kind != control::AGENT) return "-";
  return fmt::format("{:.0f} %", player.progress.fraction() * 100);
}

const std::vector<Column>& columns() {
  static const std::vector<Column> all = {
      {"player", 14, false, [](const PlayerState& p) { return p.name; }},
      {"done", 6, false, state_of},
      {"sent", 10, false, [](const PlayerState& p) { return rate(p.progress.tx_bps()); }},
      {"received", 10, true, [](const PlayerState& p) { return rate(p.progress.rx_bps()); }},
      {"CNPs", 8, false, [](const PlayerState& p) { return count(p.progress.cnps()); }},
      {"marked", 8, false, [](const PlayerState& p) { return count(p.progress.ecn_marked()); }},
      {"pauses", 8, false, [](const PlayerState& p) { return count(p.progress.pauses()); }},
      {"resent", 7, false, [](const PlayerState& p) { return count(p.progress.retransmitted()); }},
      {"drops", 8, true, [](const PlayerState& p) { return count(p.progress.drops()); }},
      {"late p99", 9, false,
       [](const PlayerState& p) {
         return report::quantity(SimTime{p.progress.lateness_p99_ps()}.to_seconds(), Unit::Time);
       }},
  };
  return all;
}

constexpr unsigned kWide = 110;

std::string clipped(std::string text, unsigned width) {
  return text.size() > width ? text.substr(0, width) : text;
}

}  // namespace

std::string live_text(const std::string& what, const std::vector<PlayerState>& players,
                      SimTime lateness_limit, unsigned width) {
  std::vector<const Column*> shown;
  for (const Column& column : columns())
    if (width >= kWide || !column.wide_only) shown.push_back(&column);
  std::string text = clipped(what, width) + "\n";
  std::string line;
  for (const Column* column : shown)
    line += fmt::format(column == shown.front() ? "{:<{}}" : "{:>{}} ", column->title, column->width);
  text += clipped(line, width) + "\n";
  for (const PlayerState& player : players) {
    line.clear();
    for (const Column* column : shown)
      line += fmt::format(column == shown.front() ? "{:<{}}" : "{:>{}} ",
                          clipped(column->text(player), column->width), column->width);
    const bool late = lateness_limit.ps > 0 && player.progress.lateness_p99_ps() > lateness_limit.ps;
    line.back() = late ? '!' : ' ';
    text += clipped(line, width) + "\n";
  }
  return text;
}

LiveTable::LiveTable(std::ostream& out, LiveStyle style, unsigned width, Clock clock)
    : out_(out), style_(style), width_(width), clock_(std::move(clock)), last_(clock_()) {}

LiveTable::~LiveTable() {
  erase();
}

void LiveTable::begin(std::string what) {
  erase();
  what_ = std::move(what);
}

void LiveTable::erase() {
  if (lines_ > 0) out_ << fmt::format("\x1b[{}A\r\x1b[J", lines_) << std::flush;  // ECMA-48: CUU, ED
  lines_ = 0;
}

void LiveTable::update(const std::vector<PlayerState>& players, SimTime lateness_limit) {
  const auto now = clock_();
  const auto interval = style_ == LiveStyle::Redrawn ? std::chrono::milliseconds(100) : 10'000ms;
  if (style_ == LiveStyle::None || now - last_ < interval) return;
  last_ = now;
  if (style_ == LiveStyle::Heartbeat) {
    uint64_t sent = 0, marked = 0, pauses = 0;
    double done = 1;
    for (const PlayerState& player : players) {
      if (player.kind != control::AGENT) continue;
      sent += player.progress.tx_bps();
      marked += player.progress.ecn_marked();
      pauses += player.progress.pauses();
      done = std::min(done, player.finished ? 1 : player.progress.fraction());
    }
    out_ << fmt::format("railyard-lab: {}: {:.0f} %, {} sent, {} marked, {} pauses\n", what_, done * 100,
                        rate(sent), count(marked), count(pauses))
         << std::flush;
    return;
  }
  const std::string text = live_text(what_, players, lateness_limit, width_);
  erase();
  out_ << text << std::flush;
  lines_ = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace railyard::lab
