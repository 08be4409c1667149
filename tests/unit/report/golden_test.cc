// SPDX-License-Identifier: BSD-3-Clause
// Every output format, byte for byte, against the files in golden/. After a wanted change run this test with
// RAILYARD_WRITE_GOLDEN=1 and look at the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/unit/report/synthetic_runs.h"
#include "tools/report/output_format.h"
#include "tools/report/page_data.h"
#include "tools/report/report.h"

namespace railyard::report {
namespace {

const std::string kGolden = RAILYARD_SOURCE_DIR "/tests/unit/report/golden/";

void expect_golden(const std::string& name, const std::string& text) {
  if (std::getenv("RAILYARD_WRITE_GOLDEN") != nullptr) {
    std::ofstream(kGolden + name, std::ios::binary) << text;
    return;
  }
  std::ifstream in(kGolden + name, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, expected) << name;
}

RunSet golden_runs() {
  return synthetic_runs({{"dcqcn-paper", 1.00, 0.02, 5400, 40, 0}, {"pfc-only", 1.14, 0.03, 0, 420, 3}}, 3, 6,
                        8);
}

TEST(Golden, Tables) {
  const RunSet runs = golden_runs();
  for (const OutputFormat& format : table_formats()) {
    std::ostringstream out;
    format.write(out, {runs, comparison_of(runs)});
    expect_golden(format.file_name, out.str());
  }
}

TEST(Golden, Terminal) {
  const RunSet runs = quickstart_like_runs();
  for (const unsigned width : {80u, 200u}) {
    std::ostringstream out;
    print_comparison(out, runs, {width, false});
    expect_golden("terminal-" + std::to_string(width) + ".txt", out.str());
  }
}

TEST(Golden, PageData) {
  const RunSet runs = golden_runs();
  expect_golden("page-data.json", page_data({runs, comparison_of(runs)}) + "\n");
}

}  // namespace
}  // namespace railyard::report
