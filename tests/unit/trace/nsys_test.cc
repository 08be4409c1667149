// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nsys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "tests/unit/trace/nsys_database.h"
#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/unattributed.h"

namespace railyard::trace {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint64_t kWorld = 0xabc;

class Nsys : public testing::Test {
 protected:
  tl::expected<ImportResult, std::string> imported(const NsysDatabase& database,
                                                   const ImportOptions& options = {}) {
    const std::string path = folder_.file("report.sqlite");
    database.write(path);
    return import_trace({path}, options);
  }

  TemporaryFolder folder_;
};

// "AllReduce 4096", "Send 1000 to 1", "compute 1000".
std::vector<std::string> operations_of(const Rank& rank) {
  std::vector<std::string> all;
  for (const Operation& o : rank.operations()) {
    if (o.has_compute()) all.push_back(fmt::format("compute {}", o.compute().duration_ns()));
    if (o.has_collective()) all.push_back(fmt::format("{} {}", o.name(), o.collective().bytes()));
    if (o.has_send()) all.push_back(fmt::format("{} {} to {}", o.name(), o.send().bytes(), o.send().peer()));
    if (o.has_receive())
      all.push_back(fmt::format("{} {} from {}", o.name(), o.receive().bytes(), o.receive().peer()));
  }
  return all;
}

std::vector<std::string> communications_of(const Rank& rank) {
  std::vector<std::string> all = operations_of(rank);
  all.erase(
      std::remove_if(all.begin(), all.end(), [](const auto& one) { return one.rfind("compute", 0) == 0; }),
      all.end());
  return all;
}

// Whether one operation waits for another, by way of others too.
bool waits_for(const Rank& rank, const std::string& one, const std::string& other) {
  const std::vector<std::string> names = operations_of(rank);
  const auto place = [&](const std::string& name) {
    return static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  std::set<int> reached = {place(one)};
  for (int i = place(one); i >= 0; --i)
    if (reached.count(i) != 0)
      for (const uint32_t distance : rank.operations(i).after())
        reached.insert(i - static_cast<int>(distance));
  return reached.count(place(other)) != 0;
}

TEST_F(Nsys, KernelsCarryWhatTheirCallsSay) {
  NsysDatabase database;
  write_two_ranks(database);
  const auto result = imported(database);
  ASSERT_TRUE(result) << result.error();
  const Trace& trace = result->trace;
  ASSERT_EQ(trace.ranks_size(), 2);
  for (int r = 0; r < 2; ++r) {
    const Rank& rank = trace.ranks(r);
    const std::string send = fmt::format("Send 1000 to {}", 1 - r),
                      receive = fmt::format("Recv 1000 from {}", 1 - r);
    EXPECT_THAT(communications_of(rank), ElementsAre("AllReduce 4096", send, receive));
    EXPECT_TRUE(waits_for(rank, send, "AllReduce 4096"));
    EXPECT_TRUE(waits_for(rank, receive, "AllReduce 4096"));
    EXPECT_FALSE(waits_for(rank, receive, send)) << "one kernel carries both";
    // 3 us before it; beside it the next 3 us, which do not wait for it as the last one does.
    EXPECT_THAT(operations_of(rank), AllOf(Contains("compute 3000"), Contains("compute 1000")));
    EXPECT_FALSE(waits_for(rank, "AllReduce 4096", "compute 1000"));
    EXPECT_TRUE(waits_for(rank, "compute 1000", "AllReduce 4096"));
  }
  ASSERT_EQ(trace.header().unattributed_size(), 1);
  EXPECT_EQ(trace.header().unattributed(0).time_ns(), 400U);
  EXPECT_THAT(to_string(trace.header().unattributed(0)),
              AllOf(HasSubstr("2 x ncclDevKernel_AllReduce"), HasSubstr("CUDA graphs")));
  EXPECT_NEAR(unattributed_share(trace.header()), 400.0 / (2 * (1'000 + 400 + 200)), 1e-9);
}

TEST_F(Nsys, StepsAreTheOutermostRangesOfAThread) {
  NsysDatabase database;
  write_two_ranks(database);
  database.range(100, 1'000, 1'100, "within the step");
  ImportOptions options;
  options.steps = "step 1";
  const auto result = imported(database, options);
  ASSERT_TRUE(result) << result.error();
  EXPECT_THAT(communications_of(result->trace.ranks(0)), ElementsAre("AllReduce 4096"));
  options.steps = "within the step";
  EXPECT_THAT(imported(database, options).error(), HasSubstr("marked are step 1"));
}

TEST_F(Nsys, CountsBytesAsEachCallDoes) {
  NsysDatabase database;
  for (const int32_t rank : {0, 1, 2, 3}) {
    const int64_t pid = 7 + rank;
    database.make_communicator(pid, 0, kWorld, 4, rank);
    database.make_communicator(pid, 20, 0x10 + rank % 2, 2, rank / 2);  // 0 and 2, 1 and 3
    int64_t at = 1'000;
    const auto call = [&](const char* function, uint64_t communicator, int32_t extra = -1) {
      database.call(pid, at, at + 50, function, communicator, 100, extra);
      database.kernel(pid, at + 10, 20, at * 10, at * 10 + 100, "ncclDevKernel_Generic(x)");
      at += 100;
    };
    call("ncclAllGather", kWorld);
    call("ncclReduceScatter", kWorld);
    call("ncclAlltoAll", kWorld);
    call("ncclBroadcast", kWorld, 3);
    call("ncclReduce", kWorld, 3);
    call("ncclGather", kWorld, 3);
    call("ncclScatter", kWorld, 3);
    call("ncclAllReduce", 0x10 + rank % 2);
  }
  const auto result = imported(database);
  ASSERT_TRUE(result) << result.error();
  EXPECT_THAT(communications_of(result->trace.ranks(2)),
              ElementsAre("AllGather 400", "ReduceScatter 400", "AlltoAll 400", "Broadcast 100", "Reduce 100",
                          "Gather 400", "Scatter 400", "AllReduce 100"));
  for (const Operation& o : result->trace.ranks(3).operations()) {
    if (has_root(o.collective().kind())) {
      EXPECT_EQ(o.collective().root(), 3U);
    }
    if (o.name() == "AllReduce") {
      const auto group = static_cast<int>(o.collective().group());
      EXPECT_THAT(result->trace.header().groups(group).ranks(), ElementsAre(1, 3));
    }
  }
}

TEST_F(Nsys, AGroupOfAsManyKernelsAsCallsIsOneEach) {
  NsysDatabase database;
  for (const int32_t rank : {0, 1}) {
    database.make_communicator(rank, 0, kWorld, 2, rank);
    database.range(rank, 100, 110, "ncclGroupStart");
    database.call(rank, 120, 130, "ncclAllReduce", kWorld, 10);
    database.call(rank, 140, 150, "ncclAllGather", kWorld, 20);
    database.range(rank, 160, 200, "ncclGroupEnd");
    database.kernel(rank, 170, 20, 1'000, 1'100, "ncclDevKernel_AllReduce(x)");
    database.kernel(rank, 180, 20, 1'100, 1'200, "ncclDevKernel_AllGather(x)");
  }
  const Rank rank = imported(database)->trace.ranks(0);
  EXPECT_THAT(communications_of(rank), ElementsAre("AllReduce 10", "AllGather 40"));
  EXPECT_TRUE(waits_for(rank, "AllGather 40", "AllReduce 10"));
}

TEST_F(Nsys, WithoutBlobsKernelsAreCounted) {
  NsysDatabase database(false);
  write_two_ranks(database);
  ImportOptions options;
  options.partial = true;
  const auto result = imported(database, options);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(unattributed_share(result->trace.header()), 1);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("nsys export --include-blobs=true keeps them")));
  EXPECT_THAT(imported(database).error(), HasSubstr("does not say which rank process 100 is"));
}

TEST_F(Nsys, RanksOfFilesWhereNobodySawTheCommunicatorMade) {
  std::vector<std::string> files;
  for (const int32_t rank : {0, 1}) {
    NsysDatabase database;
    database.call(50, 100, 200, "ncclAllReduce", kWorld, 10);
    database.kernel(50, 150, 20, 1'000, 1'100, "ncclDevKernel_AllReduce(x)");
    files.push_back(folder_.file(fmt::format("report_{}.sqlite", rank)));
    database.write(files.back());
  }
  const auto result = import_trace(files);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->trace.ranks_size(), 2);
  EXPECT_THAT(communications_of(result->trace.ranks(1)), ElementsAre("AllReduce 10"));
}

TEST_F(Nsys, RefusesWhatItCannotRead) {
  NsysDatabase twice;
  twice.make_communicator(9, 0, kWorld, 2, 0);
  twice.make_communicator(9, 20, kWorld, 2, 1);
  twice.kernel(9, 150, 20, 1'000, 1'100, "ncclDevKernel_AllReduce(x)");
  EXPECT_THAT(imported(twice).error(), HasSubstr("process 9 is both rank 0 and rank 1 of a communicator"));
  NsysDatabase other;
  other.run("DROP TABLE CUPTI_ACTIVITY_KIND_KERNEL");
  EXPECT_THAT(imported(other).error(), HasSubstr("has no table CUPTI_ACTIVITY_KIND_KERNEL"));
  EXPECT_THAT(imported(NsysDatabase()).error(), HasSubstr("no operation of a GPU"));
}

// A view may call functions; a generated column as well.
TEST_F(Nsys, RunsNothingThatTheDatabaseSays) {
  NsysDatabase view;
  view.run("DROP TABLE CUPTI_ACTIVITY_KIND_KERNEL");
  view.run("CREATE VIEW CUPTI_ACTIVITY_KIND_KERNEL AS SELECT randomblob(1000000000) AS start");
  EXPECT_THAT(imported(view).error(), HasSubstr("has no table CUPTI_ACTIVITY_KIND_KERNEL"));
  NsysDatabase computed;
  write_two_ranks(computed);
  computed.run("DROP TABLE StringIds");
  computed.run("CREATE TABLE StringIds (id INTEGER, value TEXT AS (hex(zeroblob(10000000))))");
  computed.run("INSERT INTO StringIds VALUES (1)");
  EXPECT_THAT(imported(computed).error(), HasSubstr("does not say which rank process 100 is"));
}

TEST_F(Nsys, NoDamageCrashesTheReader) {
  NsysDatabase database;
  write_two_ranks(database);
  const std::string whole = database.bytes(), path = folder_.file("report.sqlite");
  const auto read = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    const auto result = import_nsys({path}, {});
    EXPECT_TRUE(result || !result.error().empty());
  };
  for (size_t i = 0; i < whole.size(); i += 37) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    read(damaged);
  }
  for (size_t size = 0; size < whole.size(); size += 97) read(whole.substr(0, size));
}

// As another program than nsys may leave it.
TEST_F(Nsys, ReadsADatabaseWithAWriteAheadLog) {
  NsysDatabase database;
  write_two_ranks(database);
  std::string bytes = database.bytes();
  bytes[18] = bytes[19] = 2;
  const std::string path = folder_.file("report.sqlite");
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_TRUE(import_trace({path}));
}

}  // namespace
}  // namespace railyard::trace
