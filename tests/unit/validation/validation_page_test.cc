// SPDX-License-Identifier: BSD-3-Clause
// The validation page in headless Chromium. Where RAILYARD_SCREENSHOTS names a folder, a picture is left
// there.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "dpdk-app/validation/validate.h"
#include "tests/unit/validation/made_runs.h"

namespace railyard::validation {
namespace {

using testing::HasSubstr;

class ValidationPage : public MadeRuns {
 protected:
  void SetUp() override {
    MadeRuns::SetUp();
    if (std::system("command -v chromium >/dev/null") != 0)
      GTEST_SKIP() << "chromium is not installed: the validation page is not tested in a browser";
  }
  std::string browse(const std::string& options) {
    const std::string command =
        "timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
        "--virtual-time-budget=5000 --user-data-dir='" +
        path("profile") + "' " + options + " 'file://" + path("out/validation.html") + "' 2>'" + path("log") +
        "'";
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return out;
  }
};

TEST_F(ValidationPage, DrawsTheTableDistributionsTrajectoriesAndRates) {
  make("sim", {});
  make("lab", {1.07, 40, 120, 3, 0});
  say("lab", 4000, 60e-6);
  std::ostringstream out, err;
  ValidateOptions options;
  options.sim = path("sim");
  options.lab = path("lab");
  options.output = path("out");
  ASSERT_EQ(validate(options, {80, false}, out, err), 1) << err.str();
  const std::string dom = browse("--dump-dom");
  EXPECT_THAT(dom, HasSubstr("data-state=\"ready\""));
  EXPECT_THAT(dom, HasSubstr("data-charts=\"3\""));
  EXPECT_THAT(dom, testing::Not(HasSubstr("role=\"alert\"")));
  EXPECT_THAT(dom, HasSubstr("<td class=\"words differs\">only in the lab</td>"));
  EXPECT_THAT(dom, HasSubstr("<h2>dcqcn: differs</h2>"));
  EXPECT_THAT(dom, HasSubstr("Allowed rates of 4 queue pairs, every 1ms while they send"));
  if (const char* folder = std::getenv("RAILYARD_SCREENSHOTS"))
    for (const char* width : {"1280", "400"})
      browse(std::string("--window-size=") + width + ",1900 --screenshot='" + folder + "/validation-" +
             width + ".png'");
}

}  // namespace
}  // namespace railyard::validation
