// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/unit/report/synthetic_runs.h"
#include "tools/report/output_format.h"
#include "tools/report/page_data.h"
#include "tools/report/text_layout.h"

namespace railyard::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string printed(const RunSet& runs, TerminalStyle style) {
  std::ostringstream out;
  print_comparison(out, runs, style);
  return out.str();
}

std::string html_of(const RunSet& runs) {
  std::ostringstream out;
  write_html(out, {runs, comparison_of(runs)});
  return out.str();
}

size_t widest_line(const std::string& text) {
  size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto columns =
        std::count_if(line.begin(), line.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; });
    widest = std::max(widest, static_cast<size_t>(columns));
  }
  return widest;
}

TEST(PrintComparison, KeepsWithinItsWidth) {
  std::vector<SyntheticSetting> many;
  for (int i = 0; i < 9; ++i) many.push_back({"setting-" + std::to_string(i), 1 + 0.1 * i, 0.01, 100, 9, 0});
  const RunSet runs = synthetic_runs(many, 3, 50, 10);
  for (const unsigned width : {60u, 80u, 120u, 200u})
    EXPECT_LE(widest_line(printed(runs, {width, false})), width);
}

TEST(PrintComparison, ShowsTheRangeWhereThereIsRoom) {
  const RunSet runs = quickstart_like_runs();
  EXPECT_THAT(printed(runs, {200, false}), HasSubstr(".."));
  EXPECT_THAT(printed(runs, {80, false}), testing::AllOf(HasSubstr("±"), Not(HasSubstr(".."))));
}

// Three settings beside each other do not fit: they are set below each other rather than bare.
TEST(PrintComparison, KeepsTheIntervalsWhereThereIsLittleRoom) {
  std::vector<SyntheticSetting> many;
  for (int i = 0; i < 9; ++i) many.push_back({"setting-" + std::to_string(i), 1 + 0.1 * i, 0.01, 100, 9, 0});
  EXPECT_THAT(printed(synthetic_runs(many, 3, 50, 10), {80, false}), HasSubstr("±"));
}

TEST(PrintComparison, ColoursOnlyWhenAsked) {
  const RunSet runs = quickstart_like_runs();
  EXPECT_THAT(printed(runs, {80, false}), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(printed(runs, {80, true}), HasSubstr("\x1b[1;32m"));
}

TEST(Wrapped, KeepsAPercentageTogether) {
  EXPECT_EQ(wrapped("it is 86 % sooner", 9), (std::vector<std::string>{"it is", "86 %", "sooner"}));
  EXPECT_EQ(wrapped("it is 86 % sooner", 8), (std::vector<std::string>{"it is", "86 %", "sooner"}));
}

// The tests' standard output is no terminal, or one of which the width is known.
TEST(StyleOfStdout, HasTheWidthThatColumnsSays) {
  if (::isatty(STDOUT_FILENO) != 0) GTEST_SKIP() << "a terminal knows its own width";
  for (const auto& [columns, width] :
       std::vector<std::pair<const char*, unsigned>>{{"132", 132}, {"wide", 80}, {"", 80}, {"0", 80}}) {
    ::setenv("COLUMNS", columns, 1);
    EXPECT_EQ(style_of_stdout().width, width) << columns;
  }
  ::unsetenv("COLUMNS");
}

TEST(WriteTables, NamesTheFileThatItCannotWrite) {
  const auto written = write_tables("/no/such/folder", quickstart_like_runs());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "cannot write /no/such/folder/comparison.csv: No such file or directory");
}

TEST(WriteTables, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto written = write_report("/dev/full", quickstart_like_runs());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "cannot write /dev/full: No space left on device");
}

TEST(FlowsCsv, QuotesWhatNeedsIt) {
  RunSet runs = synthetic_runs({{"a, \"b\"", 1}}, 1, 2, 1);
  std::ostringstream out;
  write_flows_csv(out, {runs, comparison_of(runs)});
  EXPECT_THAT(out.str(), HasSubstr("\n\"a, \"\"b\"\"\",1,train,no,all_reduce,"));
}

TEST(Page, NothingOfTheUsersTextIsMarkup) {
  RunSet runs = quickstart_like_runs();
  runs.scenario = "</title><script>alert(1)</script>";
  runs.description = "{{uplot}} </script>";
  const std::string html = html_of(runs);
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("{{uplot}} \\u003c/script>"));
}

TEST(Page, NamesThatAreNoUtf8DoNotStopIt) {
  RunSet runs = quickstart_like_runs();
  runs.settings[0].name = "caf\xe9";
  EXPECT_THAT(html_of(runs), HasSubstr("caf\xef\xbf\xbd"));
}

TEST(Page, AsksForNothingElse) {
  const std::string html = html_of(quickstart_like_runs());
  for (const char* request : {"src=", "<link", "@import", "url(", "fetch("})
    EXPECT_THAT(html, Not(HasSubstr(request)));
}

TEST(Page, StaysSmallHoweverLongTheRun) {
  std::vector<SyntheticSetting> many;
  for (int i = 0; i < 12; ++i)
    many.push_back({"setting-" + std::to_string(i), 1 + 0.1 * i, 0.01, 100, 8000, 0});
  const RunSet runs = synthetic_runs(many, 2, 20'000, 5'000);
  EXPECT_LT(html_of(runs).size(), 2'000'000u);
}

TEST(Page, HasDataOfRunsWithoutTraffic) {
  RunSet runs;
  runs.settings = {{"empty", "", {{1, {}, record::summarise({})}}}, {"not run", "", {}}};
  const auto json = nlohmann::json::parse(page_data({runs, comparison_of(runs)}));
  EXPECT_EQ(json["queues"]["ports"].size(), 0u);
  EXPECT_EQ(json["distributions"][0]["x"].size(), 0u);
}

}  // namespace
}  // namespace railyard::report
