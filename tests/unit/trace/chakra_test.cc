// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/chakra.pb.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/record_reader.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kCompute = 4;
constexpr int kCollective = 7;

class Capture {
 public:
  Capture() {
    chakra::GlobalMetadata metadata;
    metadata.set_version("0.0.4");
    append_record(bytes_, metadata.SerializeAsString());
  }

  // A device node that the caller may go on filling until the next one.
  chakra::Node& node(uint64_t id, int type, const std::vector<uint64_t>& data_deps = {}) {
    flush();
    node_.emplace();
    node_->set_id(id);
    node_->set_type(type);
    node_->set_name("node" + std::to_string(id));
    for (const uint64_t dep : data_deps) node_->add_data_deps(dep);
    return *node_;
  }

  chakra::Node& compute(uint64_t id, uint64_t us, const std::vector<uint64_t>& data_deps = {}) {
    chakra::Node& made = node(id, kCompute, data_deps);
    made.set_duration_micros(us);
    return made;
  }

  chakra::Node& collective(uint64_t id, int64_t type, int64_t bytes,
                           const std::vector<uint64_t>& data_deps = {}) {
    chakra::Node& made = node(id, kCollective, data_deps);
    set(made, "comm_type").set_int64_value(type);
    set(made, "comm_size").set_int64_value(bytes);
    set(made, "is_cpu_op").set_bool_value(false);
    return made;
  }

  static chakra::Attribute& set(chakra::Node& node, const std::string& name) {
    chakra::Attribute& attribute = *node.add_attributes();
    attribute.set_name(name);
    return attribute;
  }

  const std::string& bytes() {
    flush();
    return bytes_;
  }

 private:
  void flush() {
    if (node_) append_record(bytes_, node_->SerializeAsString());
    node_.reset();
  }

  std::string bytes_;
  std::optional<chakra::Node> node_;
};

tl::expected<ImportResult, std::string> try_import(Capture& capture, uint32_t world = 4) {
  TemporaryFolder folder;
  EXPECT_TRUE(write_file(folder.file("job.0.et.gz"), capture.bytes()));
  ImportOptions options;
  options.world_size = world;
  options.fill_missing_ranks = true;
  return import_trace({folder.file("job.0.et.gz")}, options);
}

Rank import(Capture& capture) {
  auto result = try_import(capture);
  if (!result) ADD_FAILURE() << result.error();
  return result ? result->trace.ranks(0) : Rank();
}

std::vector<std::pair<int, uint64_t>> collectives_of(const Rank& rank) {
  std::vector<std::pair<int, uint64_t>> found;
  for (const Operation& operation : rank.operations()) {
    if (operation.has_collective())
      found.emplace_back(operation.collective().kind(), operation.collective().bytes());
  }
  return found;
}

TEST(Chakra, SizesAreARanksInput) {
  Capture capture;
  capture.collective(0, 0, 1000);
  capture.collective(1, 2, 1000, {0});
  capture.collective(2, 5, 1000, {1});
  capture.collective(3, 6, 1000, {2});
  capture.collective(4, 7, 1000, {3});
  EXPECT_THAT(
      collectives_of(import(capture)),
      ElementsAre(std::pair(ALL_REDUCE, 1000), std::pair(ALL_GATHER, 4000), std::pair(BROADCAST, 1000),
                  std::pair(ALL_TO_ALL, 1000), std::pair(REDUCE_SCATTER, 1000)));
}

TEST(Chakra, EveryIntegerArmIsRead) {
  Capture capture;
  chakra::Node& node = capture.node(0, kCollective);
  Capture::set(node, "comm_type").set_uint32_value(0);
  Capture::set(node, "comm_size").set_uint64_value(512);
  EXPECT_THAT(collectives_of(import(capture)), ElementsAre(std::pair(ALL_REDUCE, 512)));
}

TEST(Chakra, CopiesOnTheCpuAreNotCommunication) {
  Capture capture;
  Capture::set(capture.node(0, kCollective), "is_cpu_op").set_bool_value(true);
  capture.collective(1, 0, 64, {0});
  EXPECT_EQ(collectives_of(import(capture)).size(), 1U);
}

TEST(Chakra, ForwardReferencesAreSorted) {
  Capture capture;
  capture.collective(3, 0, 300, {2});
  capture.collective(1, 0, 100);
  capture.collective(2, 0, 200, {1});
  EXPECT_THAT(
      collectives_of(import(capture)),
      ElementsAre(std::pair(ALL_REDUCE, 100), std::pair(ALL_REDUCE, 200), std::pair(ALL_REDUCE, 300)));
}

TEST(Chakra, LocalNodesAreFoldedAlongTheLongestPath) {
  Capture capture;
  capture.compute(1, 10);
  capture.compute(2, 20, {1});
  capture.compute(3, 5, {1});
  capture.collective(4, 0, 64, {2, 3});
  const Rank rank = import(capture);
  ASSERT_EQ(rank.operations_size(), 2);
  EXPECT_EQ(rank.operations(0).compute().duration_ns(), 30'000U);
  EXPECT_THAT(rank.operations(1).after(), ElementsAre(1));
}

TEST(Chakra, NodesOfOneStreamFollowOneAnother) {
  Capture capture;
  Capture::set(capture.collective(0, 0, 64), "stream").set_int64_value(20);
  Capture::set(capture.collective(1, 0, 64), "stream").set_int64_value(20);
  Capture::set(capture.collective(2, 0, 64), "stream").set_int64_value(7);
  const Rank rank = import(capture);
  EXPECT_THAT(rank.operations(1).after(), ElementsAre(1));
  EXPECT_THAT(rank.operations(2).after(), IsEmpty());
}

TEST(Chakra, ControlDependenciesCountUnlessTheyAreACallStack) {
  for (const bool linked : {false, true}) {
    Capture capture;
    Capture::set(capture.compute(1, 10), "is_cpu_op").set_bool_value(linked);
    capture.collective(2, 0, 64).add_ctrl_deps(1);
    const Rank rank = import(capture);
    const Operation& first = rank.operations(0);
    EXPECT_EQ(first.has_collective(), linked);
  }
}

TEST(Chakra, ProcessGroups) {
  Capture capture;
  chakra::Node& groups = capture.node(1, 1);
  groups.set_name("## process_group:init ##");
  groups.mutable_inputs()->set_values(
      R"(['[{"pg_name": "0", "ranks": [], "group_size": 4}, {"pg_name": "5", "ranks": [0, 1, 2, 3], "group_size": 4}]'])");
  Capture::set(capture.collective(2, 2, 100), "pg_name").set_string_value("5");
  Capture::set(capture.collective(3, 0, 100), "pg_name").set_string_value("0");
  auto result = try_import(capture);
  ASSERT_TRUE(result) << result.error();
  ASSERT_EQ(result->trace.header().groups_size(), 2);
  EXPECT_EQ(result->trace.header().groups(0).name(), "5");
  EXPECT_EQ(result->trace.header().groups(1).ranks_size(), 4);
}

// ASTRA-sim's own traces name groups that only this file defines.
TEST(Chakra, GroupsOfAFileBeside) {
  Capture capture;
  Capture::set(capture.collective(1, 0, 100), "pg_name").set_string_value("3");
  TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.file("job.0.et"), capture.bytes()));
  ASSERT_TRUE(write_file(folder.file("comm_group.json"), R"({"3": [0, 2]})"));
  ImportOptions options;
  options.partial = true;
  const auto result = import_trace({folder.path()}, options);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->trace.ranks_size(), 3);
  EXPECT_THAT(result->trace.header().groups(0).ranks(), ElementsAre(0, 2));
}

// A kernel that the converter took for compute, and a communication without a size.
TEST(Chakra, CommunicationThatCannotBeAttributedIsNotComputed) {
  Capture capture;
  capture.compute(1, 10);
  chakra::Node& kernel = capture.compute(2, 500, {1});
  kernel.set_name("ncclDevKernel_Generic(ncclDevKernelArgsStorage<4096ul>)");
  Capture::set(kernel, "is_cpu_op").set_bool_value(false);
  capture.node(3, kCollective, {2}).set_duration_micros(300);
  capture.collective(4, 0, 64, {3}).set_duration_micros(200);
  auto result = try_import(capture);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->trace.ranks(0).operations(0).compute().duration_ns(), 10'000u);
  EXPECT_EQ(result->trace.ranks(0).operations_size(), 2);
  EXPECT_EQ(result->trace.header().unattributed_size(), 2);
  EXPECT_EQ(result->trace.header().communication_ns(), 1'000'000u);
}

TEST(Chakra, WhatHasNoCounterpartIsCounted) {
  Capture capture;
  capture.collective(1, 0, 64);
  capture.collective(2, 10, 64);
  auto result = try_import(capture);
  ASSERT_TRUE(result) << result.error();
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("comm_type 10 has no counterpart here")));
}

TEST(Chakra, NamesThatAreNoUtf8Survive) {
  Capture capture;
  capture.collective(1, 0, 64).set_name("\xff\xfe kernel\n");
  EXPECT_EQ(import(capture).operations(0).name(), "?? kernel?");
}

TEST(Chakra, NoChangedByteCrashesTheImporter) {
  Capture capture;
  capture.compute(1, 10);
  capture.collective(2, 2, 4096, {1});
  capture.collective(3, 0, 4096, {1, 2});
  const std::string good = capture.bytes();
  TemporaryFolder folder;
  const std::string path = folder.file("job.0.et");
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good;
    for (int changes = 0; changes < 3; ++changes) bad[random() % bad.size()] = static_cast<char>(random());
    ASSERT_TRUE(write_file(path, bad));
    ImportOptions options;
    options.format = "chakra";
    static_cast<void>(import_trace({path}, options));
  }
}

}  // namespace
}  // namespace railyard::trace
