// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/trace_file.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard::trace {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::HasSubstr;

Trace sample() {
  TrainingStepSettings settings;
  settings.ranks = 4;
  Trace trace = make_training_step(settings).value();
  trace.mutable_header()->set_version(kFormatVersion);
  return trace;
}

TEST(TraceFile, ComesBackAsWritten) {
  TemporaryFolder folder;
  const Trace trace = sample();
  for (const char* name : {"a.rytrace", "a.rytrace.gz"}) {
    ASSERT_TRUE(write_trace(trace, folder.file(name)));
    const auto back = read_trace(folder.file(name));
    ASSERT_TRUE(back) << back.error();
    EXPECT_TRUE(MessageDifferencer::Equals(trace, *back));
  }
}

TEST(TraceFile, EqualTracesGiveEqualBytes) {
  EXPECT_EQ(encode_trace(sample()).value(), encode_trace(sample()).value());
}

TEST(TraceFile, EveryTruncationIsSeen) {
  const std::string bytes = encode_trace(sample()).value();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto trace = decode_trace(bytes.substr(0, size), "cut.rytrace");
    ASSERT_FALSE(trace) << size;
    EXPECT_THAT(trace.error(), HasSubstr("cut.rytrace"));
  }
}

TEST(TraceFile, TruncationIsCalledSo) {
  const std::string bytes = encode_trace(sample()).value();
  EXPECT_THAT(decode_trace(bytes.substr(0, bytes.size() - 1), "x").error(),
              HasSubstr("ends without its trailer: it is truncated; copy or import it again"));
}

TEST(TraceFile, NoChangedByteCrashesTheReader) {
  const std::string bytes = encode_trace(sample()).value();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      static_cast<void>(decode_trace(changed, "x"));
    }
  }
}

TEST(TraceFile, OtherFilesAndVersionsAreRefused) {
  EXPECT_THAT(decode_trace("{\"traceEvents\": []}", "k.json").error(),
              HasSubstr("k.json: byte 0: does not begin with"));
  std::string bytes = encode_trace(sample()).value();
  bytes[7] = 9;
  EXPECT_THAT(decode_trace(bytes, "x").error(),
              HasSubstr("format version 9 is not supported (this is version 1)"));
}

TEST(TraceFile, DamagedRecordIsNamedWithItsPlace) {
  std::string bytes = encode_trace(sample()).value();
  bytes[8] = static_cast<char>(bytes[8] + 1);  // the header's length
  EXPECT_THAT(decode_trace(bytes, "x").error(), HasSubstr("byte"));
}

}  // namespace
}  // namespace railyard::trace
