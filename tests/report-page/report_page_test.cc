// SPDX-License-Identifier: BSD-3-Clause
// The report page in a real browser: headless Chromium loads it and hands back the document that the page's
// script has made. Where RAILYARD_SCREENSHOTS names a folder, pictures of the page are left there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/unit/report/synthetic_runs.h"
#include "tools/report/report.h"

namespace railyard::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class ReportPage : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium >/dev/null") != 0)
      GTEST_SKIP() << "chromium is not installed: the report page is not tested in a browser";
    std::string name = testing::TempDir() + "/railyard-page-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    if (!directory_.empty()) fs::remove_all(directory_);
  }

  // Writes the report of the runs; false, with a failure noted, when that does not succeed.
  bool write(const RunSet& runs) {
    const auto written = write_report(page(), runs);
    EXPECT_TRUE(written) << written.error();
    return written.has_value();
  }

  std::string page() const { return (directory_ / "report.html").string(); }

  // What Chromium prints to standard output when it opens the page with these options.
  std::string browse(const std::string& options) {
    const std::string profile = (directory_ / ("profile" + std::to_string(++profiles_))).string();
    // Virtual time runs as fast as the page's timers allow; `timeout` is for a browser that hangs.
    const std::string command =
        "timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
        "--virtual-time-budget=5000 --user-data-dir='" +
        profile + "' " + options + " 'file://" + page() + "' 2>'" + (directory_ / "chromium.log").string() +
        "'";
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return out;
  }

  // What the page's scripts and Chromium itself say of it.
  std::string console(const std::string& options) {
    browse("--enable-logging=stderr " + options);
    std::ifstream log(directory_ / "chromium.log");
    return {std::istreambuf_iterator<char>(log), {}};
  }

  void leave_screenshots(const std::string& name) {
    const char* folder = std::getenv("RAILYARD_SCREENSHOTS");
    if (folder == nullptr) return;
    for (const char* size : {"1280,3600", "400,5200"}) {
      for (const char* scheme : {"", " --force-dark-mode --blink-settings=preferredColorScheme=0"}) {
        const std::string width = std::string(size).substr(0, std::string(size).find(','));
        const std::string file =
            fmt::format("{}/{}-{}{}.png", folder, name, width, *scheme != 0 ? "-dark" : "");
        browse("--window-size=" + std::string(size) + scheme + " --screenshot='" + file + "'");
      }
    }
  }

 private:
  fs::path directory_;
  int profiles_ = 0;
};

TEST_F(ReportPage, DrawsEveryChartAndTable) {
  ASSERT_TRUE(write(quickstart_like_runs()));
  const std::string dom = browse("--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-state=\"ready\""));
  EXPECT_THAT(dom, HasSubstr("data-charts=\"5\""));
  EXPECT_EQ(count_of(dom, "<canvas"), 5u);
  EXPECT_THAT(dom, Not(HasSubstr("role=\"alert\"")));
  EXPECT_THAT(dom, HasSubstr("dcqcn-paper finishes an iteration in"));
  EXPECT_THAT(dom, HasSubstr("<th scope=\"row\">flow completion, p99 (us)</th>"));
  EXPECT_THAT(dom, HasSubstr("<th scope=\"row\">shared_full</th>"));
  EXPECT_THAT(dom, HasSubstr("<td class=\"words\">the same within 1&nbsp;%</td>"));
  EXPECT_THAT(dom, HasSubstr("<option value=\"0\">leaf0:0</option>"));
  EXPECT_THAT(dom, HasSubstr("<option value=\"1\">train: rank 5 to 6, queue pair 5</option>"));
  EXPECT_THAT(dom, HasSubstr("<th scope=\"row\">all_to_all</th>"));
  leave_screenshots("quickstart");
}

TEST_F(ReportPage, SaysWhatARunWithoutTrafficLacks) {
  RunSet runs;
  runs.scenario = "nothing";
  runs.settings = {{"empty", "", {{1, {}, record::summarise({})}}}};
  ASSERT_TRUE(write(runs));
  const std::string dom = browse("--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-state=\"ready\""));
  EXPECT_THAT(dom, HasSubstr("data-charts=\"0\""));
  EXPECT_THAT(dom, HasSubstr("No foreground flow crossed the fabric."));
  EXPECT_THAT(dom, HasSubstr("No queue was sampled and no port was paused."));
  EXPECT_THAT(dom, HasSubstr("No queue pair's rate was sampled."));
  EXPECT_THAT(dom, HasSubstr("No frame was dropped in any run."));
}

TEST_F(ReportPage, CarriesManySettings) {
  std::vector<SyntheticSetting> many;
  for (int i = 0; i < 10; ++i)
    many.push_back({"setting-" + std::to_string(i), 1 + 0.05 * i, 0.01, 100, 80, 0});
  ASSERT_TRUE(write(synthetic_runs(many, 2, 200, 500)));
  const std::string dom = browse("--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-state=\"ready\""));
  EXPECT_EQ(count_of(dom, "<canvas"), 5u);
  leave_screenshots("many");
}

// On a telephone legends take several lines, and the charts' heights with them.
TEST_F(ReportPage, IsDrawnOnANarrowScreenWithoutAnError) {
  std::vector<SyntheticSetting> five;
  for (const char* name : {"kmin-100k", "kmin-105k", "kmin-5k", "connectx", "pfc-only"})
    five.push_back({name, 1 + 0.05 * static_cast<double>(five.size()), 0.01, 100, 80, 0});
  ASSERT_TRUE(write(synthetic_runs(five, 2, 200, 500)));
  // A picture is of frames that were laid out, which a dumped document need not be.
  EXPECT_THAT(console("--window-size=400,2900 --screenshot='" + page() + ".png'"),
              Not(HasSubstr("ResizeObserver")));
}

TEST_F(ReportPage, AnErrorIsShown) {
  ASSERT_TRUE(write(quickstart_like_runs()));
  std::ifstream in(page());
  std::string html{std::istreambuf_iterator<char>(in), {}};
  const std::string part = "\"drops\":[";
  html.replace(html.rfind(part), part.size(), "\"dropped\":[");
  std::ofstream(page()) << html;
  const std::string dom = browse("--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-state=\"error\""));
  EXPECT_THAT(dom, HasSubstr("A part of this page could not be drawn"));
}

}  // namespace
}  // namespace railyard::report
