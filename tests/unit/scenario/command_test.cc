// SPDX-License-Identifier: GPL-2.0-only
// The command with a simulator that answers at once: arguments, exit codes, messages, the run folder.
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/unit/scenario/command_fixture.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Command, HelpAndVersionSucceed) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("compare"));
  EXPECT_EQ(run({"run", "--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("--engine"));
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(out_.str(), testing::StartsWith("railyard "));
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(Command, MistypedWordsNameWhatWasMeant) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"comprae", "x.yaml"},
       "railyard: unknown command 'comprae'; did you mean 'compare'?\nSee railyard --help.\n"},
      {{"run", path("pair.yaml"), "--sead", "3"},
       "railyard: unknown option '--sead'; did you mean '--seed'?\nSee railyard run --help.\n"},
      {{"run", "--sead=3", path("pair.yaml")},
       "railyard: unknown option '--sead'; did you mean '--seed'?\nSee railyard run --help.\n"},
      {{"run", path("pair.yaml"), "--queit"},
       "railyard: unknown option '--queit'; did you mean '--quiet'?\nSee railyard run --help.\n"},
      {{"compare", "a.yaml", "b.yaml"},
       "railyard: unexpected argument 'b.yaml'\nSee railyard compare --help.\n"},
      {{"trace", "shwo", "x"},
       "railyard: unknown command 'shwo'; did you mean 'show'?\nSee railyard trace --help.\n"},
      {{"frobnicate"},
       "railyard: unknown command 'frobnicate'; there are run, compare, list, validate, show-config, "
       "model, trace, bench, lab\nSee railyard "
       "--help.\n"}};
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(run(arguments), 2) << message;
    EXPECT_EQ(err_.str(), message);
  }
  EXPECT_THAT(inputs_, IsEmpty());
}

TEST_F(Command, MissingAndWrongArgumentsAreUsageErrors) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"run"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("SCENARIO is required"));
  EXPECT_EQ(run({"run", path("pair.yaml"), "--seed", "many"}), 2);
  EXPECT_EQ(run({"run", path("pair.yaml"), "--seed", "-1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("'-1' is not a seed: a seed is a whole number from 0 up"));
  EXPECT_EQ(run({"run", path("pair.yaml"), "--engine", "fast"}), 2);
  EXPECT_EQ(run({"run", path("pair.yaml"), "--setting", "fsat"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("pair.yaml: there is no setting 'fsat'; did you mean 'fast'?"));
  EXPECT_THAT(inputs_, IsEmpty());
}

TEST_F(Command, CompareRunsEverySettingWithEverySeed) {
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 0) << err_.str();
  std::vector<std::string> ran;
  for (const auto& input : inputs_) ran.push_back(input.setting + std::to_string(input.seed));
  EXPECT_THAT(ran, testing::ElementsAre("fast5", "fast6", "slow5", "slow6"));
  EXPECT_THAT(out_.str(), HasSubstr("fast"));
  EXPECT_THAT(out_.str(), HasSubstr(path("out/report.html")));
  EXPECT_THAT(out_.str(), HasSubstr("expectations: 1 met"));
}

TEST_F(Command, ASettingThatDoesNotFitInMemoryEndsTheComparisonBeforeItBegins) {
  estimate_ = [](const CompiledRun& run) {
    MemoryEstimate estimate;
    if (run.input.setting == "slow") estimate.record = uint64_t{1} << 60;
    return estimate;
  };
  EXPECT_EQ(run({"compare", path("pair.yaml"), "-o", path("out")}), 1);
  EXPECT_TRUE(inputs_.empty());
  EXPECT_THAT(err_.str(),
              HasSubstr("setting slow, seed 5: the run needs 1048576.0 TiB of memory beside its"));
  EXPECT_EQ(run({"run", path("pair.yaml"), "-o", path("out")}), 0) << "the other one";
}

TEST_F(Command, RunSimulatesOneSettingWithOneSeed) {
  EXPECT_EQ(run({"run", path("pair.yaml"), "--setting", "slow", "--seed", "9", "--set", "nic.mtu=1024",
                 "--engine", "reference", "--output", path("out")}),
            0)
      << err_.str();
  ASSERT_EQ(inputs_.size(), 1u);
  EXPECT_EQ(inputs_[0].setting, "slow");
  EXPECT_EQ(inputs_[0].seed, 9u);
  EXPECT_EQ(inputs_[0].nic.mtu, 1024u);
  EXPECT_EQ(inputs_[0].nic.nic_latency, SimTime::nanoseconds(600));
  EXPECT_TRUE(inputs_[0].reference_engine);
  ASSERT_EQ(inputs_[0].jobs.size(), 1u);
  EXPECT_EQ(inputs_[0].jobs[0].placement.size(), 2u);
}

TEST_F(Command, TheRunFolderExplainsItself) {
  ASSERT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 0) << err_.str();
  for (const char* name :
       {"manifest.json", "scenario.yaml", "timing.json", "summary.json", "comparison.csv", "flows.csv",
        "report.html", "records/fast-seed5.ryrecord", "records/slow-seed6.ryrecord"})
    EXPECT_TRUE(fs::exists(folder_ / "out" / name)) << name;
  const auto manifest = nlohmann::json::parse(content("out/manifest.json"));
  EXPECT_EQ(manifest["scenario"], "pair");
  EXPECT_EQ(manifest["seeds"], nlohmann::json({5, 6}));
  EXPECT_EQ(manifest["configuration_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(manifest["command"], "railyard compare " + path("pair.yaml"));
  EXPECT_EQ(run({"validate", path("out/scenario.yaml")}), 0) << err_.str();
}

TEST_F(Command, TheSameScenarioGivesTheSameBytes) {
  ASSERT_EQ(run({"compare", path("pair.yaml"), "--output", path("a")}), 0);
  ASSERT_EQ(run({"compare", "--quiet", path("pair.yaml"), "--engine=reference", "-o", path("b/")}), 0);
  ASSERT_EQ(run({"compare", path("pair.yaml"), "-o" + path("c")}), 0);
  EXPECT_EQ(content("a/manifest.json"), content("c/manifest.json"));
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "a")) {
    const fs::path name = entry.path().lexically_relative(folder_ / "a");
    if (!entry.is_regular_file() || name == "timing.json") continue;
    EXPECT_EQ(content("a" / name), content("b" / name)) << name;
  }
}

TEST_F(Command, AFolderThatHoldsSomethingIsNotTouched) {
  fs::create_directories(folder_ / "out");
  write("out/notes", "mine");
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 2);
  EXPECT_EQ(err_.str(), "--output " + path("out") +
                            ": it exists and is not empty; name a new folder or remove this one\n");
  EXPECT_EQ(content("out/notes"), "mine");
  EXPECT_THAT(inputs_, IsEmpty());
}

TEST_F(Command, AMistakeInTheScenarioRunsNothing) {
  write("bad.yaml", "nic: {mtuu: 1}\nfabric: {link_rate: 100}\njobs: [{permutation: {ranks: 2}}]\n");
  for (const char* command : {"run", "compare", "validate", "show-config"}) {
    EXPECT_EQ(run({command, path("bad.yaml")}), 2) << command;
    EXPECT_EQ(err_.str(),
              path("bad.yaml") + ":1:7: unknown key 'mtuu' in 'nic'; did you mean 'mtu'?\n" +
                  path("bad.yaml") +
                  ":2:21: link_rate: '100' is not a rate: the unit is missing (such as 100Gbps; units: bps, "
                  "kbps, Mbps, Gbps, Tbps)\n")
        << command;
  }
  EXPECT_THAT(inputs_, IsEmpty());
  EXPECT_THAT(files_in_folder(), testing::ElementsAre("bad.yaml", "pair.yaml"));
}

TEST_F(Command, TwoJobsOnOneGpuAreRefusedUnlessTheyShare) {
  const std::string start =
      "fabric: {kind: leaf-spine, leaves: 2, hosts_per_leaf: 8}\nsettings: {a: {}, b: {}}\nseeds: 3\njobs:\n"
      "  - {name: one, permutation: {ranks: 4}, placement: {hosts: 2-5}}\n";
  const auto validate = [&](const std::string& placement) {
    write("jobs.yaml", start + "  - {name: two, permutation: {ranks: 4}, placement: {" + placement + "}}\n");
    return run({"validate", path("jobs.yaml")});
  };
  EXPECT_EQ(validate(""), 2);
  EXPECT_EQ(
      err_.str(),
      path("jobs.yaml") +
          ":6:5: job 'two': in setting 'a', seed 1: GPU 0 of host 2 is in use by job 'one'; give the jobs "
          "hosts of their own with placement.hosts, or set placement.share to true\n");
  EXPECT_EQ(validate("strategy: random, hosts: 0-6"), 2);
  EXPECT_THAT(err_.str(),
              HasSubstr("4 ranks do not fit on 7 hosts with 1 GPU each (7 in all, 4 of them in use "
                        "by other jobs)"));
  EXPECT_EQ(validate("strategy: random, hosts: 0-7"), 0) << err_.str();
  EXPECT_EQ(validate("share: true"), 0) << err_.str();
  EXPECT_EQ(validate("hosts: 8-11"), 0) << err_.str();
}

TEST_F(Command, ValidateNamesEachFile) {
  EXPECT_EQ(run({"validate", path("pair.yaml"), path("none.yaml")}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("pair.yaml: ok (2 settings, 2 seeds, 1 job; "));
  EXPECT_EQ(err_.str(), path("none.yaml") + ": this file cannot be opened\n");
}

TEST_F(Command, ShowConfigPrintsEveryParameter) {
  EXPECT_EQ(run({"show-config", path("pair.yaml"), "--setting", "slow"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("nic_latency: 600ns"));
  EXPECT_THAT(out_.str(), HasSubstr("mtu: 4096"));
  write("traced.yaml", "jobs: [{trace: step}]\nlab: {token_file: secret}\n");
  write("step", "");
  EXPECT_EQ(run({"show-config", path("traced.yaml")}), 0);  // wherever the output is kept
  EXPECT_THAT(out_.str(), HasSubstr("path: " + path("step") + "\n"));
  EXPECT_THAT(out_.str(), HasSubstr("token_file: " + path("secret") + "\n"));
  EXPECT_EQ(run({"show-config", path("pair.yaml"), "--setting", "sloww"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'slow'?"));
}

TEST_F(Command, ModelSaysWhereAQueueSettles) {
  const std::vector<std::string> paper = {"--set", "fabric.link_rate=40Gbps", "--set", "nic.mtu=918"};
  const auto model = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"model", "dcqcn"});
    return run(arguments);
  };
  // 1000 B on the link: rows of docs/validation.md, F1, and F5's delay.
  std::vector<std::string> of_paper = paper;
  of_paper.insert(of_paper.end(), {"--flows", "2,16", "--delay", "4us"});
  EXPECT_EQ(model(of_paper), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("20.2 kB  settles"));
  EXPECT_THAT(out_.str(), HasSubstr("-  no rest below Kmax"));
  of_paper = paper;
  of_paper.insert(of_paper.end(), {"--flows", "10", "--delay", "85us"});
  EXPECT_EQ(model(of_paper), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("122.6 kB  oscillates"));
  EXPECT_EQ(model({path("pair.yaml"), "--setting", "slow", "--flows", "4"}), 0) << err_.str();
  EXPECT_EQ(model({"--delay", "0us"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("not a time above 0"));
  EXPECT_EQ(model({path("pair.yaml"), "--setting", "sloww"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'slow'?"));
}

TEST_F(Command, ListsWhatThereIs) {
  EXPECT_EQ(run({"list"}), 0);
  for (const char* topic : {"presets", "parameters", "importers", "topologies", "algorithms", "metrics"}) {
    EXPECT_EQ(run({"list", topic}), 0) << topic;
    EXPECT_THAT(out_.str(), testing::Not(IsEmpty())) << topic;
  }
  EXPECT_EQ(run({"list", "scenarios", "--folder", folder_.string()}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("pair.yaml"));
  EXPECT_EQ(run({"list", "metric"}), 2);
  EXPECT_EQ(err_.str(), "there is no list of 'metric'; did you mean 'metrics'? (railyard list names them)\n");
}

TEST_F(Command, TraceNamesAFileThatIsNoTrace) {
  EXPECT_EQ(run({"trace", "check", path("pair.yaml")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("pair.yaml"));
  EXPECT_EQ(run({"trace", "import", path("pair.yaml"), "-o", path("x.rytrace")}), 2);
  EXPECT_THAT(files_in_folder(), testing::ElementsAre("pair.yaml"));
}

TEST_F(Command, ImportOverwritesNothingButATrace) {
  EXPECT_EQ(run({"trace", "import", path("capture"), "-o", path("pair.yaml")}), 2);
  EXPECT_EQ(err_.str(), "--output " + path("pair.yaml") +
                            ": it exists and is not a .rytrace file; name another file or remove it\n");
  EXPECT_EQ(content("pair.yaml"), kScenario);
  const trace::Trace trace = *make_single_collective({});
  ASSERT_TRUE(trace::write_trace(trace, path("a.rytrace")));
  ASSERT_TRUE(trace::write_trace(trace, path("b.rytrace")));
  EXPECT_EQ(run({"trace", "import", path("a.rytrace"), "-o", path("b.rytrace")}), 0) << err_.str();
}

TEST_F(Command, AFolderThatCannotBeMadeIsFoundBeforeAnythingIsSimulated) {
  const std::string out = path("pair.yaml") + "/below/a/file";
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", out}), 2);
  EXPECT_EQ(err_.str(), "the run folder " + out + " cannot be made, since nothing can be written in " +
                            path("pair.yaml") + ": Not a directory; name another with --output\n");
  EXPECT_THAT(inputs_, IsEmpty());
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("new/and/deep")}), 0) << err_.str();
  EXPECT_THAT(files_in_folder(), testing::ElementsAre("new", "pair.yaml"));
}

TEST_F(Command, TwoCapturesUnderOnePathAreToldApart) {
  write("capture.yaml", "jobs: [{trace: step.rytrace}]\n");
  const auto manifest_of = [&](uint64_t bytes) {
    SingleCollectiveSettings settings;
    settings.ranks = 2;
    settings.bytes = {bytes};
    EXPECT_TRUE(trace::write_trace(*make_single_collective(settings), path("step.rytrace")));
    const std::string out = "out" + std::to_string(bytes);
    EXPECT_EQ(run({"run", path("capture.yaml"), "--output", path(out)}), 0) << err_.str();
    return nlohmann::json::parse(content(out + "/manifest.json"));
  };
  const auto small = manifest_of(1000), large = manifest_of(2000);
  EXPECT_NE(small["trace_sha256"]["trace"], large["trace_sha256"]["trace"]);
  EXPECT_NE(small["configuration_sha256"], large["configuration_sha256"]);
}

TEST_F(Command, TheTimeScaleIsInTheInputsTheManifestAndTheHeadline) {
  EXPECT_EQ(run({"run", path("pair.yaml"), "--set", "lab.time_scale=100", "--output", path("out")}), 0)
      << err_.str();
  ASSERT_EQ(inputs_.size(), 1u);
  EXPECT_EQ(inputs_[0].nic.nic_latency, SimTime::microseconds(50));
  EXPECT_EQ(inputs_[0].fabric.link_rate, BitRate::gigabits(1));
  EXPECT_EQ(nlohmann::json::parse(content("out/manifest.json"))["time_scale"], 100);
  EXPECT_THAT(content("out/scenario.yaml"), HasSubstr("time_scale: 100"));
  EXPECT_THAT(content("out/scenario.yaml"), HasSubstr("nic_latency: 500ns"));
  EXPECT_THAT(out_.str(), HasSubstr("time scale 100: 100Gbps is\nplayed at 1Gbps"));
}

TEST_F(Command, CtrlCLeavesNothing) {
  simulate_ = [](const auto&, const ns3::ProgressCallback& progress,
                 auto&) -> tl::expected<record::Record, std::string> {
    EXPECT_TRUE(progress(SimTime::milliseconds(1), 0.1));
    std::raise(SIGINT);
    EXPECT_FALSE(progress(SimTime::milliseconds(2), 0.2));
    return tl::make_unexpected("cancelled");
  };
  EXPECT_EXIT(std::exit(run({"compare", path("pair.yaml"), "--output", path("out")})),
              testing::ExitedWithCode(130), "");
  EXPECT_THAT(files_in_folder(), testing::ElementsAre("pair.yaml"));
}

TEST_F(Command, AFileInThePlaceOfTheRunFolderIsNoticedBeforeTheRun) {
  write("taken", "");
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("taken")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("it is a file"));
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("taken/below")}), 2);
  EXPECT_TRUE(inputs_.empty());
}

}  // namespace
}  // namespace railyard
