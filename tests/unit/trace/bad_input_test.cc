// SPDX-License-Identifier: BSD-3-Clause
// One file, or folder of files, for each mistake in tests/bad-input/traces; each gives one error that names
// the place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kFolder = RAILYARD_SOURCE_DIR "/tests/bad-input/traces/";

struct Mistake {
  std::string file;
  std::string error;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.file;
}

const std::vector<Mistake> kMistakes = {
    {"chakra-dependency-cycle.0.et",
     "nodes wait for one another in a circle: 3 (third) waits for 2 (second) waits for 1 (first) waits for "
     "3: convert the "
     "capture again"},
    {"chakra-length-past-end.0.et",
     "record 1 at byte 8: the record says it is 62 bytes long, but only 58 are left"},
    {"chakra-peer-outside-of-the-job.0.et", "node 0 (send): comm_dst is 1; the job has ranks 0 to 0"},
    {"chakra-record-is-no-node.0.et", "record 1 at byte 8: is no Chakra node: the file is damaged"},
    {"chakra-same-id-twice.0.et", "two nodes have the id 7"},
    {"chakra-send-without-receive",
     "the capture cannot be replayed:\n  rank 0 sends 1 messages to rank 1 with tag 0, which receives 0"},
    {"chakra-unknown-process-group.0.et",
     "process group '17' is defined by no '## process_group:init ##' node"},
    {"chakra-without-rank.et", "its name does not say which rank it is: name it <prefix>.<rank>.et"},
    {"empty.json", "the file is empty"},
    {"kineto-cut-group-list.json", "process group '0' of 32 ranks, and the file does not say which"},
    {"kineto-cut-in-the-middle.json",
     "is cut short or no valid JSON, at byte 701: export or copy the capture again"},
    {"kineto-different-steps",
     "the capture cannot be replayed:\n  rank 1 lists 2 collectives of group '0 (default_pg)', rank 0 lists "
     "3: the "
     "captures must cover the same steps"},
    {"kineto-missing-rank",
     "the job has 3 ranks, but there are files of 2 only; missing are ranks 1: give their files, or "
     "have them filled in with copies of the lowest one: --fill-missing-ranks 3 (railyard trace), or "
     "'fill_missing_ranks: true' with 'world: 3' (scenario)"},
    {"kineto-same-rank-twice", "are both rank 0: give each rank's file once"},
    {"kineto-truncated-gzip.json.gz",
     "the gzip data is truncated at byte 200 of 200; copy or capture the file again"},
    {"kineto-unknown-element-type.json", "allreduce: the element type 'Quaternion' is not known"},
    {"kineto-without-collectives.json",
     "no NCCL collective was found, nor another library's: capture with ProfilerActivity.CUDA"},
    {"kineto-without-rank.json", "does not say which rank it is: there is no distributedInfo.rank"},
    {"pytorch-execution-trace.0.json", "no communication was found in the capture"},
    {"unknown-format.txt", "is of no format known here; known are kineto"},
};

class BadInput : public testing::TestWithParam<Mistake> {};

TEST_P(BadInput, IsRefusedWithPlaceAndRemedy) {
  const auto result = import_trace({kFolder + GetParam().file});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), AllOf(HasSubstr(kFolder + GetParam().file), HasSubstr(GetParam().error)));
}

INSTANTIATE_TEST_SUITE_P(Traces, BadInput, testing::ValuesIn(kMistakes), [](const auto& info) {
  std::string name = info.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

TEST(BadInputFiles, AreAllTested) {
  std::set<std::string> tested;
  for (const Mistake& mistake : kMistakes) tested.insert(mistake.file);
  std::set<std::string> present;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    present.insert(entry.path().filename());
  EXPECT_EQ(present, tested);
}

TEST(Import, MissingFileAndFolderWithoutCaptures) {
  EXPECT_THAT(import_trace({"/no/such/file"}).error(), HasSubstr("/no/such/file: cannot be opened"));
  EXPECT_THAT(import_trace({RAILYARD_SOURCE_DIR "/cmake"}).error(), HasSubstr("holds no capture"));
  EXPECT_THAT(import_trace({}).error(), HasSubstr("no files"));
}

TEST(Import, UnknownFormatByName) {
  ImportOptions options;
  options.format = "dumpi";
  EXPECT_THAT(import_trace({kFolder + "empty.json"}, options).error(),
              HasSubstr("there is no trace format 'dumpi'; known"));
}

TEST(Import, AFormatThatIsNotReadIsNamedWithWhatConvertsIt) {
  TemporaryFolder folder;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"report.nsys-rep", "is an Nsight Systems report, which is not read here: nsys export --type sqlite"},
      {"trace.otf2", "is an OTF2 archive, which is not read here: Schedgen or ATLAHS converts"},
      {"step.json.zst", "is compressed with zstd, which is not read here: zstd -d"}};
  for (const auto& [name, error] : files) {
    const std::string content = name == "step.json.zst" ? "\x28\xb5\x2f\xfd and more" : "binary";
    ASSERT_TRUE(write_file(folder.file(name), content));
    EXPECT_THAT(import_trace({folder.file(name)}).error(), HasSubstr(error));
  }
}

// What the fuzzers begin with is recognised, and read, as what its folder says.
TEST(Import, EveryImporterHasASmallCapture) {
  for (const Importer& importer : importers()) {
    const std::string folder = RAILYARD_SOURCE_DIR "/tests/fuzz/captures/" + std::string(importer.name);
    ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      ImportOptions options;
      options.partial = true;
      const auto result = import_trace({file.path().string()}, options);
      ASSERT_TRUE(result) << result.error();
      EXPECT_EQ(result->trace.header().source().rfind(std::string(importer.name) + ", ", 0), 0u)
          << file.path() << ": " << result->trace.header().source();
      EXPECT_GT(result->trace.header().communications(), 0u) << file.path();
    }
  }
}

TEST(Import, MixedFormats) {
  EXPECT_THAT(
      import_trace({kFolder + "kineto-missing-rank/rank0.json", kFolder + "chakra-same-id-twice.0.et"})
          .error(),
      HasSubstr("import one format at a time"));
}

}  // namespace
}  // namespace railyard::trace
