// SPDX-License-Identifier: BSD-3-Clause
// Jobs whose other end is a storage host or a parameter server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/workload/key_changes.h"
#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/checkpoint.h"
#include "traffic/pattern/workload/data_loading.h"
#include "traffic/pattern/workload/parameter_server.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

void expect_to_end(const trace::Trace& trace) {
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  const auto schedule = schedule::compile(trace);
  EXPECT_TRUE(schedule.has_value()) << schedule.error();
}

uint64_t sent_by(const trace::Trace& trace, int rank, const std::string& name) {
  uint64_t bytes = 0;
  for (const trace::Operation& operation : trace.ranks(rank).operations())
    if (operation.name() == name) bytes += operation.send().bytes();
  return bytes;
}

uint64_t received_by(const trace::Trace& trace, int rank) {
  uint64_t bytes = 0;
  for (const trace::Operation& operation : trace.ranks(rank).operations())
    bytes += operation.receive().bytes();
  return bytes;
}

TEST(Checkpoint, EveryRankWritesItsShardRoundTheEndpoints) {
  CheckpointSettings s;
  s.model = 2;  // llama3-405b
  s.ranks = 16'384;
  EXPECT_EQ(s.bytes_of(0), 346'798'550u) << "347 MB";
  s.size = {1'000'000'007};
  s.ranks = 12;
  s.replicas = 3;
  for (const Sharding sharding : {Sharding::AllRanks, Sharding::OneReplica}) {
    s.sharding = sharding;
    const trace::Trace trace = whole_trace(*make_checkpoint(s).value());
    expect_to_end(trace);
    uint64_t sent = 0, received = 0;
    for (int rank = 0; rank < 12; ++rank) sent += sent_by(trace, rank, "checkpoint");
    for (int endpoint = 12; endpoint < 16; ++endpoint) {
      received += received_by(trace, endpoint);
      EXPECT_NEAR(static_cast<double>(received_by(trace, endpoint)), 250e6, 25e6);
    }
    EXPECT_EQ(sent, s.size.n);
    EXPECT_EQ(received, s.size.n);
    EXPECT_EQ(sent_by(trace, 11, "checkpoint"), sharding == Sharding::AllRanks ? 83'333'333u : 0u);
  }
  s.replicas = 5;
  EXPECT_THAT(make_checkpoint(s).error(), HasSubstr("no whole number of replicas"));
}

TEST(Checkpoint, KeepsSoManyBlocksUnderWay) {
  CheckpointSettings s;
  s.size = {uint64_t{160} << 20};
  s.ranks = 2;
  s.outstanding = 3;
  const trace::Trace trace = whole_trace(*make_checkpoint(s).value());
  const auto& operations = trace.ranks(0).operations();
  ASSERT_EQ(operations.size(), 20);
  EXPECT_EQ(operations[2].after_size(), 0);
  for (int i = 3; i < 20; ++i) EXPECT_THAT(operations[i].after(), testing::ElementsAre(3));
}

TEST(Checkpoint, EveryKeyChangesTheMessages) {
  expect_every_key_to_matter(checkpoint_workload(), {{"size", "1GB"}},
                             {{{"model", "llama3-70b"}, {{"size", "0B"}, {"block", "1GB"}}},
                              {{"size", "2GB"}, {}},
                              {{"ranks", "8"}, {}},
                              {{"endpoints", "2"}, {}},
                              {{"sharding", "one-replica"}, {{"replicas", "2"}}},
                              {{"replicas", "4"}, {{"sharding", "one-replica"}}},
                              {{"block", "1MiB"}, {}},
                              {{"outstanding", "1"}, {}},
                              {{"checkpoints", "2"}, {}},
                              {{"interval", "1s"}, {{"checkpoints", "2"}}}});
}

TEST(DataLoading, EveryRankReadsItsBatches) {
  const DataLoadingSettings s;
  const trace::Trace trace = whole_trace(*make_data_loading(s).value());
  expect_to_end(trace);
  for (int rank = 0; rank < 16; ++rank) EXPECT_EQ(received_by(trace, rank), s.steps * s.batch.n);
  for (int endpoint = 16; endpoint < 20; ++endpoint)
    EXPECT_EQ(sent_by(trace, endpoint, "read"), 4 * s.steps * s.batch.n) << "16 ranks over 4 endpoints";
}

TEST(DataLoading, EveryKeyChangesTheMessages) {
  expect_every_key_to_matter(data_loading_workload(), {},
                             {{{"ranks", "8"}, {}},
                              {{"endpoints", "2"}, {}},
                              {{"batch", "1MiB"}, {}},
                              {{"block", "2MiB"}, {}},
                              {{"request", "1kB"}, {}},
                              {{"prefetch", "1"}, {}},
                              {{"steps", "3"}, {}},
                              {{"interval", "1ms"}, {}}});
}

TEST(ParameterServer, PushesCompressedGradientsAndPullsParameters) {
  ParameterServerSettings s;
  s.parameters = {1'000'001};
  s.gradient_compression = 10;
  for (const bool asynchronous : {false, true}) {
    s.asynchronous = asynchronous;
    const trace::Trace trace = whole_trace(*make_parameter_server(s).value());
    expect_to_end(trace);
    EXPECT_EQ(received_by(trace, 3), s.steps * s.parameters.n);
    EXPECT_EQ(sent_by(trace, 3, "push"), s.steps * 100'000);
    // The first answer waits for everybody's gradients, or for one worker's.
    const auto& server = trace.ranks(8).operations();
    int received_before = 0;
    for (const trace::Operation& operation : server) {
      if (operation.name() == "pull") break;
      received_before += operation.has_receive() ? 1 : 0;
    }
    EXPECT_EQ(received_before, asynchronous ? 1 : 8);
  }
  s.servers = 2'000'000;
  EXPECT_THAT(make_parameter_server(s).error(), HasSubstr("at least a byte for each"));
}

TEST(ParameterServer, EveryKeyChangesTheMessages) {
  expect_every_key_to_matter(parameter_server_workload(), {},
                             {{{"workers", "4"}, {}},
                              {{"servers", "1"}, {}},
                              {{"parameters", "1MB"}, {}},
                              {{"gradient_compression", "2"}, {}},
                              {{"asynchronous", "true"}, {}},
                              {{"steps", "3"}, {}},
                              {{"compute", "1ms"}, {}},
                              {{"update", "2ms"}, {}}});
}

}  // namespace
}  // namespace railyard
