// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/sample_capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/importer.h"

namespace railyard {
namespace {

using testing::IsEmpty;

const std::string kFolder = RAILYARD_SOURCE_DIR "/scenarios/captures/quickstart-16ranks";

TEST(SampleCapture, ShippedFilesAreWhatTheGeneratorWrites) {
  const std::vector<SampleFile> files = make_sample_capture();
  ASSERT_EQ(files.size(), 16U);
  for (const SampleFile& file : files) {
    const auto shipped = trace::read_file(kFolder + "/" + file.name);
    ASSERT_TRUE(shipped) << shipped.error();
    EXPECT_TRUE(*shipped == file.content) << file.name << " differs: run make-sample-capture again";
  }
}

// When each communication of a rank starts, if the n-th one takes times[n].
std::vector<uint64_t> starts_of(const trace::Rank& rank, const std::vector<uint64_t>& times) {
  std::vector<uint64_t> starts;
  std::vector<uint64_t> ends;
  for (const trace::Operation& operation : rank.operations()) {
    uint64_t start = 0;
    for (const uint32_t distance : operation.after()) start = std::max(start, ends[ends.size() - distance]);
    ends.push_back(start +
                   (operation.has_compute() ? operation.compute().duration_ns() : times[starts.size()]));
    if (!operation.has_compute()) starts.push_back(start);
  }
  return starts;
}

// The importer must find the dependencies that the generator had, whatever the network does.
TEST(SampleCapture, ImportsAsTheTraceItWasMadeFrom) {
  const auto imported = trace::import_trace({kFolder});
  ASSERT_TRUE(imported) << imported.error();
  EXPECT_THAT(imported->warnings, IsEmpty());
  const trace::Trace original = make_training_step(sample_capture_settings()).value();
  ASSERT_EQ(imported->trace.ranks_size(), original.ranks_size());
  const std::vector<std::vector<uint64_t>> networks = {{105'000, 340'000, 340'000, 340'000, 340'000},
                                                       {0, 0, 0, 0, 0},
                                                       {900'000, 1'000'000, 10'000, 10'000, 2'000'000}};
  for (const auto& times : networks) {
    // The profiler's trace begins with the first kernel of the earliest rank: only differences can be
    // compared.
    const auto first =
        starts_of(imported->trace.ranks(0), times).front() - starts_of(original.ranks(0), times).front();
    for (int r = 0; r < original.ranks_size(); ++r) {
      std::vector<uint64_t> expected = starts_of(original.ranks(r), times);
      for (uint64_t& start : expected) start += first;
      EXPECT_EQ(starts_of(imported->trace.ranks(r), times), expected) << "rank " << r;
    }
  }
}

}  // namespace
}  // namespace railyard
