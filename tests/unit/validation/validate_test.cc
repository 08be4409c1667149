// SPDX-License-Identifier: BSD-3-Clause
// The subcommand: what it refuses, its exit codes, and its outputs byte for byte against golden/. After a
// wanted change run this test with RAILYARD_WRITE_GOLDEN=1 and look at the difference.
#include "dpdk-app/validation/validate.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dpdk-app/validation/validation_output.h"
#include "tests/unit/validation/made_runs.h"

namespace railyard::validation {
namespace {

using testing::HasSubstr;

const std::string kGolden = RAILYARD_SOURCE_DIR "/tests/unit/validation/golden/";

void expect_golden(const std::string& name, const std::string& text) {
  if (std::getenv("RAILYARD_WRITE_GOLDEN") != nullptr) {
    std::ofstream(kGolden + name, std::ios::binary) << text;
    return;
  }
  std::ifstream in(kGolden + name, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, expected) << name;
}

class Validate : public MadeRuns {
 protected:
  int run(ValidateOptions options = {}) {
    options.sim = path("sim");
    options.lab = path("lab");
    if (fs::exists(path("lab")) && !fs::exists(path("lab/lab.json"))) say("lab", 1, 1e-6);
    out_.str("");
    err_.str("");
    return validate(options, {80, false}, out_, err_);
  }
  // Of a lab whose scenario has other values.
  std::string refusal(const std::string& sim, const std::string& lab) {
    make("sim", {}, scenario(sim));
    make("lab", {}, scenario(lab));
    EXPECT_EQ(run(), 2);
    return err_.str();
  }
  std::ostringstream out_, err_;
};

TEST_F(Validate, TheExitCodeSaysWhetherTheyAgree) {
  make("sim", {});
  make("lab", {1.05});
  EXPECT_EQ(run(), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("Simulation and lab agree within 10 %"));
  ValidateOptions strict;
  strict.tolerance = "3%";
  EXPECT_EQ(run(strict), 1);
  EXPECT_THAT(out_.str(), HasSubstr("Simulation and lab differ (tolerance 3.0 %) in iteration of incast"));
}

TEST_F(Validate, NamesEveryDecisiveDifferenceWithItsRemedy) {
  const std::string text = refusal(
      "nic:\n  mtu: 4096\n  congestion_control: dcqcn\ndcqcn:\n  rpg_ai_rate: 40Mbps\nlab:\n  time_scale: "
      "100",
      "nic:\n  mtu: 1024\n  congestion_control: dcqcn\ndcqcn:\n  rpg_ai_rate: 5Mbps\nfabric:\n  link_rate: "
      "1Gbps");
  EXPECT_THAT(
      text, HasSubstr("setting 'dcqcn': nic.mtu is 4096 in the simulation and 1024 in the lab: simulate the "
                      "lab's scenario.yaml, or set nic.mtu alike and play one again\n"));
  EXPECT_THAT(text, HasSubstr("lab.time_scale is 100 in the simulation and 1 in the lab"));
  EXPECT_THAT(text, HasSubstr("dcqcn.rpg_ai_rate is 40Mbps in the simulation and 5Mbps in the lab"));
  EXPECT_THAT(text, HasSubstr("fabric.link_rate is not given in the simulation and 1Gbps in the lab"));
}

TEST_F(Validate, ASwitchMayBeModelledOtherwiseAndIsNoted) {
  make("sim", {}, scenario("switch:\n  xon: 1kB"));
  make("lab", {}, scenario("switch:\n  xon: 2kB\noutput:\n  busiest_ports: 3\ndcqcn:\n  rpg_gd: 3"));
  EXPECT_EQ(run(), 0) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("note: setting 'dcqcn': switch.xon is 1kB in the simulation and 2kB in the lab"));
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("busiest_ports")));
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("rpg_gd")));  // nobody uses DCQCN here
}

TEST_F(Validate, AnotherCaptureUnderTheSamePathIsRefused) {
  make("sim", {}, scenario(), "1111111111");
  make("lab", {}, scenario(), "2222222222");
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(
      err_.str(),
      "job 'incast': the simulation's trace is not the lab's (SHA-256 11111111 and 22222222): play both with "
      "one capture\n");
}

TEST_F(Validate, BadFoldersAndOptionsAreNamed) {
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(err_.str(), path("sim") + ": this is not a folder: name a run folder\n");
  fs::create_directories(path("sim"));
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there is no scenario.yaml"));
  make("sim", {});
  make("lab", {});
  write("lab/lab.json", "{\"runs\": 3");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr(path("lab") + "/lab.json: this is not what a lab writes"));
  for (const char* wrong : {"0", "101%", "ten", "10 percent", "-1%"})
    EXPECT_FALSE(parse_tolerance(wrong)) << wrong;
  EXPECT_DOUBLE_EQ(*parse_tolerance("2.5 %"), 0.025);
}

TEST_F(Validate, ALabIsNoSimulation) {
  make("sim", {});
  make("lab", {});
  say("sim", 1, 1e-6);
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(err_.str(), HasSubstr("was played in a lab: name the simulation's folder first"));
}

TEST_F(Validate, ASimulationIsNoLab) {
  make("sim", {});
  ValidateOptions options;
  options.sim = options.lab = path("sim");
  EXPECT_EQ(validate(options, {80, false}, out_, err_), 2);
  EXPECT_THAT(err_.str(), HasSubstr(path("sim") + ": no lab played this, there is no lab.json"));
}

TEST_F(Validate, WritesThePageAndJson) {
  make("sim", {});
  make("lab", {1.05});
  ValidateOptions options;
  options.output = path("out");
  EXPECT_EQ(run(options), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("page: " + path("out") + "/validation.html"));
  std::ifstream in(path("out/validation.json"));
  const auto json = nlohmann::json::parse(in);
  EXPECT_EQ(json["schema"], "railyard-validation");
  EXPECT_EQ(json["verdict"], "agrees");
  EXPECT_TRUE(fs::exists(path("out/validation.html")));
  EXPECT_EQ(run(options), 2);  // it is there now
}

TEST_F(Validate, Golden) {
  make("sim", {});
  make("lab", {1.07, 40, 120, 3, 0});
  say("lab", 4000, 60e-6);
  const auto sim = read_runs(path("sim")), lab = read_runs(path("lab"));
  ASSERT_TRUE(sim && lab);
  Agreement agreement = judge(*sim, *lab, match(*sim, *lab), 0.1);
  agreement.sim_folder = "runs/sim";
  agreement.lab_folder = "runs/lab";
  for (const unsigned width : {80u, 200u}) {
    std::ostringstream out;
    print_agreement(out, agreement, {width, false});
    expect_golden("terminal-" + std::to_string(width) + ".txt", out.str());
  }
  std::ostringstream out;
  write_validation_json(out, agreement);
  expect_golden("validation.json", out.str());
  expect_golden("page-data.json", validation_page_data(agreement) + "\n");
}

}  // namespace
}  // namespace railyard::validation
