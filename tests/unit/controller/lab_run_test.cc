// SPDX-License-Identifier: BSD-3-Clause
// railyard-lab from its command line to its folder, against players in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dpdk-app/control/player_client.h"
#include "dpdk-app/controller/subcommands.h"
#include "tests/unit/controller/fake_lab.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

struct Outcome {
  ExitCode code;
  std::string out, err;
};

Outcome lab(const std::vector<std::string>& arguments, const std::atomic<bool>& interrupted) {
  std::ostringstream out, err;
  Context context{out, err, false, 80, false, interrupted, arguments};
  const ExitCode code = run_lab_command(context);
  return {code, out.str(), err.str()};
}

Outcome lab(const std::vector<std::string>& arguments) {
  static const std::atomic<bool> never = false;
  return lab(arguments, never);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

json json_of(const std::filesystem::path& path) {
  return json::parse(text_of(path));
}

class LabRun : public testing::Test {
 protected:
  Outcome run(FakeLab& fake_lab, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"run", fake_lab.scenario().string(), "-o",
                                          folder(fake_lab).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return lab(arguments);
  }
  static std::filesystem::path folder(const FakeLab& fake_lab) { return fake_lab.folder() / "run"; }
};

TEST_F(LabRun, WritesTheFolderOfASimulatedRunAndWhatALabKnows) {
  FakeLab fake_lab;
  const Outcome outcome = run(fake_lab);
  ASSERT_EQ(outcome.code, ExitCode::Ok) << outcome.out << outcome.err;
  for (const char* file :
       {"manifest.json", "scenario.yaml", "summary.json", "comparison.csv", "flows.csv", "collectives.csv",
        "ports.csv", "report.html", "lab.json", "a-seed1-left-lateness.hgrm"})
    EXPECT_TRUE(std::filesystem::exists(folder(fake_lab) / file)) << file;
  const json lab_json = json_of(folder(fake_lab) / "lab.json");
  EXPECT_EQ(lab_json["time_scale"], 1000);
  EXPECT_EQ(lab_json["complete"], true);
  EXPECT_EQ(lab_json["valid"], true);
  EXPECT_EQ(lab_json["virtual_devices"], true);
  ASSERT_EQ(lab_json["runs"].size(), 2u);
  EXPECT_EQ(lab_json["runs"][1]["setting"], "b");
  EXPECT_EQ(lab_json["runs"][0]["players"][0]["counters"]["naks"], "4");
  EXPECT_NEAR(lab_json["runs"][0]["players"][0]["histograms"]["lateness"]["p99"], 1e-6, 1e-8);
  EXPECT_THAT(outcome.out, HasSubstr("caution: This lab has virtual ports"));
}

TEST_F(LabRun, HalvesBecomeTheMessagesOfARecordInTheSimulatorsSchema) {
  FakeLab fake_lab;
  ASSERT_EQ(run(fake_lab, {"--setting", "a"}).code, ExitCode::Ok);
  const auto record = record::read_record((folder(fake_lab) / "records" / "a-seed1.ryrecord").string());
  ASSERT_TRUE(record) << record.error();
  ASSERT_EQ(record->messages.size(), 2u);  // 2:1
  for (const record::Message& message : record->messages) {
    EXPECT_EQ(message.bytes, 65536u);
    EXPECT_EQ((message.received - message.posted).ps, 1'000'000'000);
    EXPECT_EQ((message.acked - message.received).ps, 1'000'000);
    EXPECT_GT(message.ideal.ps, 0);
  }
  std::vector<std::string> ports;
  for (const record::Port& port : record->ports) ports.push_back(port.name);
  EXPECT_THAT(ports, testing::ElementsAre("host0:nic0", "host1:nic0", "host2:nic0", "leaf0:2"));
  EXPECT_EQ(record->ports[0].rate, BitRate::megabits(100));
  EXPECT_EQ(record->ports[3].ecn_marked, 7u);
  EXPECT_EQ(record->totals.cnps, 6u);
  EXPECT_EQ(record->totals.packet_hops, 30u);
  EXPECT_EQ(record->jobs[0].iterations, 1u);
  EXPECT_EQ(record->setting, "a");
}

TEST_F(LabRun, PlansSayWhatEveryPlayerNeeds) {
  FakeLab fake_lab;
  ASSERT_EQ(run(fake_lab, {"--setting", "b", "--seed", "9", "--pcap", "--fault", "drop=1"}).code,
            ExitCode::Ok);
  const control::Plan plan = fake_lab.right.plan();
  EXPECT_EQ(plan.setting(), "b");
  EXPECT_EQ(plan.seed(), 9u);
  EXPECT_TRUE(plan.capture());
  std::vector<std::string> faults;
  for (const control::Fault& fault : plan.faults())
    faults.push_back(fault.switch_name() + ":" + fault.path() + "=" + fault.text());
  EXPECT_THAT(faults, testing::ElementsAre("leaf0:2.in.delay=5ms", "leaf0:drop=0.5%", ":drop=1"));
  ASSERT_EQ(plan.endpoints_size(), 3);
  EXPECT_EQ(plan.endpoints(1).player(), "left");
  EXPECT_EQ(plan.endpoints(1).mac(), std::string("\x02\0\0\0\0", 5) + "1");
  EXPECT_EQ(plan.endpoints(2).ip(), 0x0a000003u);
  EXPECT_EQ(plan.endpoints(2).prefix_length(), 24u);
  EXPECT_EQ(plan.endpoints(2).vlan(), 5u);
  EXPECT_EQ(plan.endpoints(2).rate_bps(), 100'000'000u);  // 100 Gb/s at a scale of 1000
  EXPECT_EQ(plan.link_delay_ps(), 500'000'000);
  std::string mtu;
  for (const control::Value& value : plan.nic())
    if (value.name() == "mtu") mtu = value.text();
  EXPECT_EQ(mtu, "2048");
  EXPECT_EQ(plan.switch_name(), "");
  EXPECT_EQ(fake_lab.leaf.plan().switch_name(), "leaf0");
}

TEST_F(LabRun, AllStartAtOneTimeAndTheSwitchIsStoppedAtTheEnd) {
  FakeLab fake_lab;
  ASSERT_EQ(run(fake_lab, {"--setting", "a"}).code, ExitCode::Ok);
  // One machine, one clock: what differs is how well the controller knew the players' offsets.
  EXPECT_NEAR(static_cast<double>(fake_lab.left.started_at() - fake_lab.right.started_at()), 0, 5e6);
  EXPECT_THAT(fake_lab.leaf.stopped_because(), testing::ElementsAre("every rank has ended"));
}

TEST_F(LabRun, AnInvalidRunIsMarkedEverywhere) {
  FakeBehaviour late;
  late.invalid_because = "p99 of the pacer's lateness is 3 ms, the limit 100 us";
  FakeLab fake_lab({}, late);
  const Outcome outcome = run(fake_lab, {"--setting", "a"});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("INVALID"), HasSubstr("3 ms")));
  const json lab_json = json_of(folder(fake_lab) / "lab.json");
  EXPECT_EQ(lab_json["valid"], false);
  EXPECT_EQ(lab_json["complete"], true);
  EXPECT_EQ(lab_json["runs"][0]["invalid_because"], "'right': " + late.invalid_because);
  EXPECT_THAT(json_of(folder(fake_lab) / "summary.json")["cautions"][0], HasSubstr("INVALID"));
}

TEST_F(LabRun, ALostAgentStopsTheOthersAndWhatTheyMeasuredIsKept) {
  FakeBehaviour endless;
  endless.never_finishes = true;
  FakeLab fake_lab({}, endless);
  std::thread killer([&] {
    fake_lab.right.wait_for_start();
    fake_lab.right.hang_up();
  });
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run(fake_lab);
  killer.join();
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
  EXPECT_THAT(fake_lab.left.stopped_because(), testing::ElementsAre(HasSubstr("'right' is lost")));
  const json lab_json = json_of(folder(fake_lab) / "lab.json");
  EXPECT_EQ(lab_json["complete"], false);
  ASSERT_EQ(lab_json["runs"].size(), 1u);  // setting b could not be played any more
  const json& played = lab_json["runs"][0];
  EXPECT_THAT(played["incomplete_because"], HasSubstr("'right' is lost"));
  EXPECT_TRUE(played["players"][0]["lost"].is_null());
  EXPECT_THAT(played["players"][1]["lost"], HasSubstr("hung up"));
  const auto record =
      record::read_record((folder(fake_lab) / "records" / "a-seed1.ryrecord").string()).value();
  // Rank 2 was on the lost agent. What it sent nobody knows; nothing is made up.
  EXPECT_EQ(record.messages.size() + played["messages"]["received_but_sender_unknown"].get<size_t>(), 2u);
  EXPECT_EQ(record.jobs[0].iterations, 0u);
}

TEST_F(LabRun, CtrlCStopsAllAndKeepsWhatWasMeasured) {
  FakeBehaviour endless;
  endless.never_finishes = true;
  FakeLab fake_lab(endless, endless);
  std::atomic<bool> interrupted = false;
  std::thread user([&] {
    fake_lab.left.wait_for_start();
    interrupted = true;
  });
  const Outcome outcome =
      lab({"run", fake_lab.scenario().string(), "-o", folder(fake_lab).string()}, interrupted);
  user.join();
  EXPECT_EQ(outcome.code, ExitCode::Interrupted);
  for (FakePlayer* player : {&fake_lab.left, &fake_lab.right, &fake_lab.leaf})
    EXPECT_THAT(player->stopped_because(), testing::ElementsAre("interrupted by the user"));
  const json lab_json = json_of(folder(fake_lab) / "lab.json");
  EXPECT_EQ(lab_json["runs"][0]["incomplete_because"], "interrupted by the user");
  EXPECT_THAT(outcome.out, HasSubstr("caution: setting a, seed 1 is incomplete: interrupted by the user."));
}

TEST_F(LabRun, CtrlCWhileItCollectsEndsWithinSecondsAndSaysWhatIsMissing) {
  FakeBehaviour silent;
  silent.never_tells = true;
  FakeLab fake_lab({}, silent);
  std::atomic<bool> interrupted = false;
  std::chrono::steady_clock::time_point when;
  std::thread user([&] {
    while (!fake_lab.right.was_asked_to_tell()) std::this_thread::sleep_for(1ms);
    when = std::chrono::steady_clock::now();
    interrupted = true;
  });
  const Outcome outcome =
      lab({"run", fake_lab.scenario().string(), "-o", folder(fake_lab).string()}, interrupted);
  user.join();
  EXPECT_LT(std::chrono::steady_clock::now() - when, 20s);
  EXPECT_EQ(outcome.code, ExitCode::Interrupted);
  const json only = json_of(folder(fake_lab) / "lab.json")["runs"][0];
  EXPECT_EQ(only["complete"], false);
  EXPECT_THAT(only["incomplete_because"].get<std::string>(), HasSubstr("nothing was collected from 'right'"));
}

TEST_F(LabRun, AnInterruptedRunIsInNoMeanOfThoseThatEnded) {
  FakeBehaviour endless;
  endless.endless_seed = 3;
  FakeLab fake_lab(endless);
  std::atomic<bool> interrupted = false;
  std::thread user([&] {
    for (int i = 0; i < 3'000 && (fake_lab.left.plan().seed() != 3 || fake_lab.left.started_at() == 0); ++i)
      std::this_thread::sleep_for(10ms);
    interrupted = true;
  });
  const Outcome outcome = lab({"run", fake_lab.scenario().string(), "-o", folder(fake_lab).string(),
                               "--setting", "a", "--repetitions", "3"},
                              interrupted);
  user.join();
  EXPECT_EQ(outcome.code, ExitCode::Interrupted);
  const json summary = json_of(folder(fake_lab) / "summary.json");
  EXPECT_EQ(summary["settings"][0]["runs"].size(), 2u);
  EXPECT_EQ(json_of(folder(fake_lab) / "lab.json")["runs"].size(), 3u);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Setting a, seed 3 is left out of all figures"),
                                 HasSubstr("1 of 3 runs are left out of all figures")));
  const auto record = record::read_record((folder(fake_lab) / "incomplete-a-seed3.ryrecord").string());
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->seed, 3u);
}

TEST_F(LabRun, APlayersFailureStopsTheOthers) {
  FakeBehaviour failing, endless;
  failing.fails = "host2:nic0: the port went down";
  endless.never_finishes = true;
  FakeLab fake_lab(endless, failing);
  const Outcome outcome = run(fake_lab, {"--setting", "a"});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(fake_lab.left.stopped_because(),
              testing::ElementsAre("'right': host2:nic0: the port went down"));
  EXPECT_THAT(text_of(folder(fake_lab) / "lab.json"), HasSubstr("host2:nic0: the port went down"));
}

TEST_F(LabRun, APlanThatCannotBePreparedLeavesNoFolder) {
  FakeBehaviour deaf;
  deaf.refuses_plan = "host2:nic0: nobody answers ARP for 10.0.0.1";
  FakeLab fake_lab({}, deaf);
  const Outcome outcome = run(fake_lab);
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("'right'"), HasSubstr("nobody answers ARP")));
  EXPECT_FALSE(std::filesystem::exists(folder(fake_lab)));
  EXPECT_EQ(fake_lab.left.started_at(), 0);
}

TEST_F(LabRun, AnAgentThatIsNotThereIsRefusedBeforeAnythingStarts) {
  FakeLab fake_lab;
  fake_lab.right.hang_up();
  const Outcome outcome = run(fake_lab, {"--patience", "0"});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("'right': player at 127.0.0.1:"), HasSubstr("nobody listens there")));
  EXPECT_EQ(fake_lab.left.started_at(), 0);
}

TEST_F(LabRun, RepetitionsAreSeeds) {
  FakeLab fake_lab;
  ASSERT_EQ(run(fake_lab, {"--setting", "a", "--repetitions", "2", "-q"}).code, ExitCode::Ok);
  EXPECT_TRUE(std::filesystem::exists(folder(fake_lab) / "records" / "a-seed2.ryrecord"));
}

TEST_F(LabRun, CheckTellsWhatIsThere) {
  FakeLab fake_lab;
  const Outcome outcome = lab({"check", fake_lab.scenario().string()});
  EXPECT_EQ(outcome.code, ExitCode::Ok) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("time scale 1000"), HasSubstr("02:00:00:00:00:32"),
                                 HasSubstr("virtual"), HasSubstr("ready: railyard lab run")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("warning: 'left': of left"), HasSubstr("nothing is sent for 68.7"),
                                 HasSubstr("nic.ack_timeout = 8")));
  EXPECT_EQ(fake_lab.left.started_at(), 0);
  EXPECT_THAT(fake_lab.left.stopped_because(), testing::ElementsAre("this was a check"));
}

TEST_F(LabRun, CheckWaitsForPlayersThatAreStarting) {
  FakeLab fake_lab;
  fake_lab.right.hang_up();
  const std::string scenario = fake_lab.scenario().string();
  const Outcome impatient = lab({"check", scenario, "--patience", "0"});
  EXPECT_EQ(impatient.code, ExitCode::RunFailed);
  EXPECT_THAT(impatient.err, HasSubstr("'right': player at 127.0.0.1:"));
  std::thread starting([&] {
    std::this_thread::sleep_for(500ms);
    fake_lab.right.listen();
  });
  const Outcome outcome = lab({"check", scenario, "--patience", "60"});
  starting.join();
  EXPECT_EQ(outcome.code, ExitCode::Ok) << outcome.err;
}

TEST_F(LabRun, WhereAPauseIsIgnoredNothingIsPlayed) {
  FakeBehaviour deaf;
  deaf.ignores_pauses = true;
  FakeLab fake_lab({}, deaf);
  for (const char* command : {"check", "run"}) {
    const Outcome outcome = lab({command, fake_lab.scenario().string()});
    EXPECT_EQ(outcome.code, ExitCode::RunFailed);
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr("PFC is ignored by host1 ('ring:1' of 'left') paused by leaf0 (and 3 more)"),
                      HasSubstr("or play with switch.pfc_enable: []")));
  }
  EXPECT_EQ(fake_lab.left.started_at(), 0);
  EXPECT_EQ(lab({"check", fake_lab.scenario().string(), "--set", "switch.pfc_enable=none"}).code,
            ExitCode::Ok);
}

TEST_F(LabRun, CheckNamesEveryFaultAndItsRemedy) {
  FakeBehaviour bad;
  bad.link_up = false;
  bad.max_frame_bytes = 1000;
  bad.is_virtual = false;
  FakeLab fake_lab({}, bad);
  const Outcome outcome = lab({"check", fake_lab.scenario().string()});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(
      outcome.err,
      AllOf(HasSubstr("host2 ('ring:2' of agent 'right'): the link is down; plug in the cable"),
            HasSubstr("it carries frames of 1000 bytes, but nic.mtu = 1024 makes frames of 1106; raise"),
            HasSubstr("its link runs at 10Mbps, but the scenario plays at 100Mbps; raise lab.time_scale")));
}

TEST_F(LabRun, CheckFindsTwoPortsWithOneMac) {
  FakeBehaviour twin;
  twin.first_mac = std::string("\x02\0\0\0\0", 5);
  FakeLab fake_lab(twin, twin);
  const auto path = fake_lab.scenario().string();
  std::string text = text_of(path);
  // Both agents have a port whose name, and so whose MAC address, ends in 2.
  FakePlayer second(control::AGENT, "right", {"tap:1"}, twin);
  text.replace(text.find(fake_lab.right.address()), fake_lab.right.address().size(), second.address());
  text.replace(text.find("ring:2"), 6, "tap:1");
  std::ofstream(path) << text;
  const Outcome outcome = lab({"check", path});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(outcome.err, HasSubstr("both have the MAC address 02:00:00:00:00:31; give each its own"));
}

TEST_F(LabRun, StatusTellsATakenPlayerFromAnIdleOneAndOneThatIsNotThere) {
  FakeLab fake_lab;
  EXPECT_EQ(lab({"status", fake_lab.scenario().string()}).code, ExitCode::Ok);
  SessionOptions options;
  options.address = fake_lab.left.address();
  const auto other = PlayerClient::connect(options).value();
  fake_lab.leaf.hang_up();
  const Outcome outcome = lab({"status", fake_lab.scenario().string()});
  EXPECT_EQ(outcome.code, ExitCode::RunFailed);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("'left': player at"), HasSubstr("this player is taken"),
                                 HasSubstr("'leaf0': player at"), HasSubstr("nobody listens")));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("left +agent +127.0.0.1:[0-9]+ +taken\n"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("leaf0 +softswitch +127.0.0.1:[0-9]+ +unreachable\n"));
  EXPECT_THAT(outcome.err, testing::Not(HasSubstr("'right'")));
}

TEST_F(LabRun, UsageIsTold) {
  EXPECT_EQ(lab({}).code, ExitCode::Usage);
  EXPECT_EQ(lab({"fly"}).code, ExitCode::Usage);
  EXPECT_EQ(lab({"--help"}).code, ExitCode::Ok);
  EXPECT_THAT(lab({"run", "nowhere.yaml"}).err, HasSubstr("nowhere.yaml"));
  EXPECT_THAT(lab({"run", "x.yaml", "--seed", "-1"}).err, HasSubstr("is not a seed"));
  const Outcome without = lab({"check", RAILYARD_SOURCE_DIR "/scenarios/incast.yaml"});
  EXPECT_EQ(without.code, ExitCode::Usage);
  EXPECT_THAT(without.err, HasSubstr("no lab plays this scenario; add lab.agents"));
}

}  // namespace
}  // namespace railyard::lab
