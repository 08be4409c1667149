// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/record/record_builder.h"
#include "traffic/record/metrics.h"

namespace railyard::record {
namespace {

using testing::HasSubstr;

class RecordFile : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(std::filesystem::create_directories(directory_)); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  static std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void put(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static void put_gzip(const std::string& path, const std::string& bytes) {
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  static std::string gunzip(const std::string& path) {
    std::string out(1 << 16, '\0');
    gzFile file = gzopen(path.c_str(), "rb");
    out.resize(static_cast<size_t>(gzread(file, out.data(), static_cast<unsigned>(out.size()))));
    gzclose(file);
    return out;
  }

 private:
  std::filesystem::path directory_ = std::filesystem::path(testing::TempDir()) /
                                     ("railyard-record-" + std::to_string(::getpid()) + "-" +
                                      testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(RecordFile, ReadsBackWhatWasWritten) {
  const Record written = small_record();
  ASSERT_TRUE(write_record(path("a.ryrecord"), written));
  const auto read = read_record(path("a.ryrecord"));
  ASSERT_TRUE(read) << read.error();
  // Bytes of a second writing cover every field that is written; the summary and these cover what is read.
  ASSERT_TRUE(write_record(path("b.ryrecord"), *read));
  EXPECT_EQ(bytes_of(path("a.ryrecord")), bytes_of(path("b.ryrecord")));
  EXPECT_EQ(read->scenario, "small");
  EXPECT_EQ(read->setting, "dcqcn");
  EXPECT_EQ(read->seed, 7u);
  EXPECT_EQ(read->duration, us(250));
  EXPECT_EQ(read->ports[1].name, "host0:nic0");
  EXPECT_EQ(read->ports[0].drops, written.ports[0].drops);
  EXPECT_EQ(read->queues[0].bytes, written.queues[0].bytes);
  EXPECT_EQ(read->rates[0].queue_pair, 4u);
  EXPECT_EQ(read->rates[0].interval, us(10));
  EXPECT_EQ(read->rates[0].rate_bps, written.rates[0].rate_bps);
  EXPECT_EQ(read->rates[0].window_bytes, written.rates[0].window_bytes);
  EXPECT_EQ(read->pauses[0].priority, 3);
  EXPECT_EQ(read->messages[4].received, SimTime::never());
  const Summary before = summarise(written);
  const Summary after = summarise(*read);
  ASSERT_EQ(before.metrics.size(), after.metrics.size());
  for (const auto& [name, metric] : before.metrics)
    EXPECT_EQ(after.metrics.at(name).value, metric.value) << name;
}

TEST_F(RecordFile, AnEmptyRecordIsARecord) {
  ASSERT_TRUE(write_record(path("empty"), Record{}));
  EXPECT_TRUE(read_record(path("empty")));
}

TEST_F(RecordFile, EveryTruncationIsAnError) {
  ASSERT_TRUE(write_record(path("whole"), small_record()));
  const std::string bytes = bytes_of(path("whole"));
  for (size_t size = 0; size < bytes.size(); ++size) {
    put(path("cut"), bytes.substr(0, size));
    ASSERT_FALSE(read_record(path("cut"))) << size << " of " << bytes.size() << " bytes";
  }
  put(path("cut"), bytes.substr(0, bytes.size() * 3 / 4));
  EXPECT_THAT(read_record(path("cut")).error(), HasSubstr("is truncated or damaged after "));
}

TEST_F(RecordFile, AFlippedBitIsAnError) {
  ASSERT_TRUE(write_record(path("whole"), small_record()));
  std::string bytes = bytes_of(path("whole"));
  bytes[bytes.size() / 2] ^= 1;
  put(path("flipped"), bytes);
  EXPECT_FALSE(read_record(path("flipped")));
}

TEST_F(RecordFile, ALostEntryIsFoundOut) {
  ASSERT_TRUE(write_record(path("whole"), small_record()));
  std::string plain = gunzip(path("whole"));
  const size_t header = 8 + 1 + static_cast<unsigned char>(plain[8]);
  const size_t job = 1 + static_cast<unsigned char>(plain[header]);
  plain.erase(header, job);
  put_gzip(path("short"), plain);
  EXPECT_THAT(read_record(path("short")).error(), HasSubstr("it holds 31 entries where its header says 32"));
}

TEST_F(RecordFile, WhatFollowsTheEndIsAnError) {
  ASSERT_TRUE(write_record(path("whole"), small_record()));
  put_gzip(path("long"), gunzip(path("whole")) + "more");
  EXPECT_THAT(read_record(path("long")).error(), HasSubstr("goes on after its end"));
}

TEST_F(RecordFile, OtherFilesAreRefused) {
  put(path("text"), "flows: 3\n");
  EXPECT_THAT(read_record(path("text")).error(), HasSubstr("text: it is not a Railyard record"));
  EXPECT_THAT(read_record(path("absent")).error(), HasSubstr("absent: No such file or directory"));
  EXPECT_THAT(write_record(path("no/such/folder"), Record{}).error(), HasSubstr("No such file or directory"));
}

TEST_F(RecordFile, AnIndexOutOfRangeIsNamed) {
  Record r = small_record();
  r.messages[2].operation = 9;
  ASSERT_TRUE(write_record(path("bad"), r));
  EXPECT_THAT(read_record(path("bad")).error(),
              HasSubstr("messages[2] refers to operation 9, but there are 2"));
  r = small_record();
  r.pauses[0].port = 2;
  EXPECT_EQ(validate(r).error(), "pauses[0] refers to port 2, but there are 2");
  r = small_record();
  r.spans[1].rank = 4;
  EXPECT_EQ(validate(r).error(), "spans[1] refers to rank 4, but there are 4");
  r = small_record();
  r.rates[0].dst_rank = 4;
  EXPECT_EQ(validate(r).error(), "rates[0] refers to rank 4, but there are 4");
  r.rates[0].dst_rank = 0;
  r.rates[0].port = 2;
  EXPECT_EQ(validate(r).error(), "rates[0] refers to port 2, but there are 2");
  r.rates[0].job = 2;
  EXPECT_EQ(validate(r).error(), "rates[0] refers to job 2, but there are 2");
}

TEST_F(RecordFile, ASeriesThatCannotBeIsNamed) {
  Record r = small_record();
  r.rates[0].window_bytes.pop_back();
  EXPECT_EQ(validate(r).error(), "rates[0] has 1 windows to 2 rates");
  r = small_record();
  r.rates[0].interval = us(0);
  EXPECT_EQ(validate(r).error(), "rates[0] has an interval that is not positive");
}

}  // namespace
}  // namespace railyard::record
