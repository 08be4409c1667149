// SPDX-License-Identifier: GPL-2.0-only
// railyard lab: a program beside this one, which gets all arguments and whose exit code is ours.
#include "tools/railyard/lab_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tools/railyard/command_line.h"
#include "tools/railyard/installation.h"

namespace railyard {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST(LabCommand, TheLabsProgramGetsAllArgumentsAndItsExitCodeIsOurs) {
  const fs::path folder = fs::path(testing::TempDir()) / ("railyard-lab-command-" + std::to_string(getpid()));
  fs::create_directories(folder);
  const fs::path program = folder / "railyard-lab";
  std::ofstream(program) << "#!/bin/sh\nprintf '%s|' \"$@\" > " << (folder / "arguments").string()
                         << "\nexit 7\n";
  fs::permissions(program, fs::perms::owner_all);
  const pid_t child = fork();
  if (child == 0) {
    std::ostringstream err;
    become_lab(program, {"run", "a b.yaml", "--quiet"}, err);
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  std::string arguments;
  std::getline(std::ifstream(folder / "arguments"), arguments);
  EXPECT_EQ(arguments, "run|a b.yaml|--quiet|");
  fs::remove_all(folder);
}

TEST(LabCommand, AProgramThatIsNotThereIsNamedWithTheRemedy) {
  std::ostringstream out, err;
  // The tests stand in a folder of their own, where there is no railyard-lab.
  EXPECT_EQ(run_command_line({"lab", "run", "x.yaml"}, {out, err}, {}, {}), ExitCode::RunFailed);
  EXPECT_THAT(err.str(), AllOf(HasSubstr(lab_program().string()), HasSubstr("No such file or directory"),
                               HasSubstr("install package railyard-lab")));
}

TEST(LabCommand, IsListedAndWantsToComeFirst) {
  std::ostringstream out, err;
  EXPECT_EQ(run_command_line({"--help"}, {out, err}, {}, {}), ExitCode::Ok);
  EXPECT_THAT(out.str(), HasSubstr("lab "));
  EXPECT_EQ(run_command_line({"-q", "lab"}, {out, err}, {}, {}), ExitCode::Usage);
  EXPECT_THAT(err.str(), HasSubstr("options of lab follow it"));
}

}  // namespace
}  // namespace railyard
