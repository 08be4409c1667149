// SPDX-License-Identifier: BSD-3-Clause
// What a user without rights could plant where root captures, and what a stranger could write into a plan.
#include "dpdk-app/session/capture_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "dpdk-app/control/control.pb.h"

namespace railyard::lab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Bytes kRoom{4'096};

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Captures : public testing::Test {
 protected:
  Captures() {
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::owner_all);
    write(victim_, "precious");
  }
  ~Captures() override { fs::remove_all(home_); }

  CaptureFolder opened() {
    auto folder = CaptureFolder::open(folder_);
    EXPECT_TRUE(folder) << folder.error();
    return *folder;
  }
  std::vector<std::string> held() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename());
    return names;
  }
  static std::string refusal(const fs::path& folder) {
    const auto opened = CaptureFolder::open(folder);
    return opened ? "no error" : opened.error();
  }

  const fs::path home_ = fs::path(testing::TempDir()) / ("captures-" + std::to_string(getpid()));
  const fs::path folder_ = home_ / "folder", victim_ = home_ / "victim";
};

constexpr auto kFrames = [](std::ostream& out) { out << "frames"; };

TEST_F(Captures, AFileTakesItsNameWhenItIsWhole) {
  auto file = opened().create("run.pcap", kRoom);
  ASSERT_TRUE(file) << file.error();
  EXPECT_FALSE(fs::exists(folder_ / "run.pcap"));
  const auto written = file->finish(kFrames);
  ASSERT_TRUE(written) << written.error();
  EXPECT_THAT(held(), ElementsAre("run.pcap"));
  EXPECT_EQ(text_of(file->path()), "frames");
  EXPECT_EQ(fs::path(file->path()), folder_ / "run.pcap");
}

TEST_F(Captures, RoomIsTakenBeforeTheRun) {
  constexpr Bytes kMoreThanAnyDisk{uint64_t{1} << 62};
  const auto begun = opened().create("run.pcap", kMoreThanAnyDisk);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error(), HasSubstr("run.pcap' cannot be written: "));
  EXPECT_THAT(held(), IsEmpty());
  const auto held_room = opened().create("run.pcap", kRoom);
  ASSERT_TRUE(held_room) << held_room.error();
  EXPECT_EQ(fs::file_size(folder_ / ".run.pcap.part"), kRoom.n);
}

TEST_F(Captures, NothingIsLeftOfARunThatWasNotCollected) {
  { const auto file = opened().create("run.pcap", kRoom); }
  EXPECT_THAT(held(), IsEmpty());
}

TEST_F(Captures, AFileThatIsThereStays) {
  write(folder_ / "run.pcap", "earlier");
  const auto begun = opened().create("run.pcap", kRoom);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error(), HasSubstr("run.pcap' cannot be written: File exists"));

  auto other = opened().create("other.pcap", kRoom);
  ASSERT_TRUE(other);
  write(folder_ / "other.pcap", "in between");
  EXPECT_FALSE(other->finish(kFrames));
  EXPECT_EQ(text_of(folder_ / "run.pcap"), "earlier");
  EXPECT_EQ(text_of(folder_ / "other.pcap"), "in between");
}

TEST_F(Captures, NoLinkIsFollowed) {
  fs::create_symlink(victim_, folder_ / "run.pcap");
  fs::create_symlink(home_ / "new", folder_ / "dangling.pcap");
  fs::create_symlink(victim_, folder_ / ".hidden.pcap.part");
  for (const char* name : {"run.pcap", "dangling.pcap", "hidden.pcap"})
    EXPECT_FALSE(opened().create(name, kRoom)) << name;

  auto late = opened().create("late.pcap", kRoom);
  ASSERT_TRUE(late);
  fs::create_symlink(victim_, folder_ / "late.pcap");
  EXPECT_FALSE(late->finish(kFrames));
  EXPECT_EQ(text_of(victim_), "precious");
  EXPECT_FALSE(fs::exists(home_ / "new"));
}

// Somebody without rights, in a folder that became writable after it was opened.
TEST_F(Captures, AnUnprivilegedUserCannotHaveRootWriteElsewhere) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const CaptureFolder folder = opened();
  auto begun = folder.create("begun.pcap", kRoom);
  ASSERT_TRUE(begun) << begun.error();
  ASSERT_EQ(chmod(home_.c_str(), 0755) | chmod(folder_.c_str(), 0777) | chmod(victim_.c_str(), 0600), 0);
  const pid_t attacker = fork();
  if (attacker == 0) {
    constexpr uid_t kNobody = 65'534;
    if (setuid(kNobody) != 0 || chdir(folder_.c_str()) != 0) _exit(1);
    const auto plant = [&](const char* name) {
      unlink(name);
      return symlink(victim_.c_str(), name);
    };
    _exit(plant("run.pcap") | plant(".hidden.pcap.part") | plant(".begun.pcap.part") | plant("begun.pcap"));
  }
  int status = 0;
  waitpid(attacker, &status, 0);
  ASSERT_EQ(status, 0);
  EXPECT_FALSE(folder.create("run.pcap", kRoom));
  EXPECT_FALSE(folder.create("hidden.pcap", kRoom));
  EXPECT_FALSE(begun->finish(kFrames));
  EXPECT_EQ(text_of(victim_), "precious");
}

TEST_F(Captures, NoNameLeadsOutOfTheFolder) {
  for (const std::string& name : {std::string("../victim"), victim_.string(), std::string("../new")})
    EXPECT_FALSE(opened().create(name, kRoom)) << name;
  EXPECT_EQ(text_of(victim_), "precious");
  EXPECT_FALSE(fs::exists(home_ / "new"));
}

TEST_F(Captures, AFolderThatOthersCanWriteIsRefused) {
  for (const mode_t mode : {0777, 01777, 0770}) {
    ASSERT_EQ(chmod(folder_.c_str(), mode), 0);
    EXPECT_THAT(refusal(folder_), testing::AllOf(HasSubstr(folder_), HasSubstr("others than its owner"),
                                                 HasSubstr("install -d -m 700")));
  }
  ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  EXPECT_EQ(refusal(folder_), "no error");
}

TEST_F(Captures, AFolderMustBeOneAndTheUsersOwn) {
  EXPECT_THAT(refusal(home_ / "none"), HasSubstr("No such file"));
  EXPECT_THAT(refusal(victim_), HasSubstr("Not a directory"));
  fs::create_directory_symlink(folder_, home_ / "link");
  EXPECT_NE(refusal(home_ / "link"), "no error");
  constexpr uid_t kSomebody = 1;
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  ASSERT_EQ(chown(folder_.c_str(), kSomebody, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(refusal(folder_), HasSubstr("it is user 1's, and the player runs as user 0"));
}

TEST_F(Captures, AFolderThatIsGoneIsNoticedBeforeTheRun) {
  const CaptureFolder folder = opened();
  fs::remove(folder_);
  const auto begun = folder.create("run.pcap", kRoom);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error(), HasSubstr("run.pcap' cannot be written: No such file"));
}

control::Plan plan() {
  control::Plan plan;
  plan.set_scenario("incast");
  plan.set_setting("dcqcn");
  plan.set_seed(7);
  plan.set_capture(true);
  return plan;
}

TEST_F(Captures, OfARunCarryItsName) {
  const CaptureFolder folder = opened();
  auto files = begin_captures(plan(), &folder, {"host0-nic0", "host1-nic0"}, kRoom);
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_THAT(fs::path((*files)[1].path()).filename().string(),
              testing::MatchesRegex("incast-dcqcn-seed7-[0-9]{8}T[0-9]{6}Z\\.host1-nic0\\.pcap"));
}

TEST_F(Captures, APlanThatAsksForNoneGetsNone) {
  control::Plan without = plan();
  without.set_capture(false);
  const auto files = begin_captures(without, nullptr, {"leaf0"}, kRoom);
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->empty());
}

TEST_F(Captures, APlayerWithoutAFolderRefusesThem) {
  EXPECT_THAT(begin_captures(plan(), nullptr, {"leaf0"}, kRoom).error(), HasSubstr("--capture-dir DIR"));
}

TEST_F(Captures, APlansNamesAreChecked) {
  const CaptureFolder folder = opened();
  for (const std::string& bad : {std::string("../../x"), std::string("/etc/x"), std::string(".."),
                                 std::string(), std::string("a\0b", 3)}) {
    control::Plan scenario = plan(), setting = plan();
    scenario.set_scenario(bad);
    setting.set_setting(bad);
    EXPECT_FALSE(begin_captures(scenario, &folder, {"leaf0"}, kRoom)) << bad;
    EXPECT_FALSE(begin_captures(setting, &folder, {"leaf0"}, kRoom)) << bad;
    EXPECT_FALSE(begin_captures(plan(), &folder, {bad}, kRoom)) << bad;
  }
  EXPECT_THAT(held(), IsEmpty());
}

}  // namespace
}  // namespace railyard::lab
