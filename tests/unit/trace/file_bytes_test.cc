// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/file_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/trace/temporary_folder.h"

namespace railyard::trace {
namespace {

using testing::HasSubstr;

std::string some_text() {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i);
  return text;
}

TEST(FileBytes, PlainAndGzipComeBackAsWritten) {
  TemporaryFolder folder;
  const std::string text = some_text();
  for (const char* name : {"plain.json", "packed.json.gz"}) {
    ASSERT_TRUE(write_file(folder.file(name), text));
    EXPECT_EQ(read_file(folder.file(name)).value(), text) << name;
    EXPECT_EQ(read_head(folder.file(name), 10).value(), text.substr(0, 10)) << name;
  }
  EXPECT_LT(std::filesystem::file_size(folder.file("packed.json.gz")), text.size() / 2);
}

TEST(FileBytes, LeavesNoTemporaryFile) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.file("a.gz"), "text"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(FileBytes, EmptyContentComesBackEmpty) {
  TemporaryFolder folder;
  for (const char* name : {"empty", "empty.gz"}) {
    ASSERT_TRUE(write_file(folder.file(name), ""));
    EXPECT_EQ(read_file(folder.file(name)).value(), "");
  }
}

TEST(FileBytes, GzipMembersOneAfterAnotherAreOneText) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.file("a.gz"), "first "));
  ASSERT_TRUE(write_file(folder.file("b.gz"), "second"));
  std::ofstream(folder.file("both.gz"), std::ios::binary)
      << std::ifstream(folder.file("a.gz"), std::ios::binary).rdbuf()
      << std::ifstream(folder.file("b.gz"), std::ios::binary).rdbuf();
  EXPECT_EQ(read_file(folder.file("both.gz")).value(), "first second");
}

TEST(FileBytes, TruncatedGzipNamesFileAndByte) {
  TemporaryFolder folder;
  const std::string path = folder.file("cut.json.gz");
  ASSERT_TRUE(write_file(path, some_text()));
  std::filesystem::resize_file(path, 1000);
  const auto content = read_file(path);
  ASSERT_FALSE(content);
  EXPECT_THAT(content.error(), HasSubstr(path));
  EXPECT_THAT(content.error(), HasSubstr("truncated at byte 1000 of 1000"));
}

TEST(FileBytes, DamagedGzipIsRefused) {
  TemporaryFolder folder;
  const std::string path = folder.file("damaged.gz");
  ASSERT_TRUE(write_file(path, some_text()));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5000);
  file << std::string(64, '\xff');
  file.close();
  const auto content = read_file(path);
  ASSERT_FALSE(content);
  EXPECT_THAT(content.error(), HasSubstr("the gzip data is damaged"));
}

TEST(FileBytes, BytesAfterTheGzipAreRefused) {
  TemporaryFolder folder;
  const std::string path = folder.file("tail.gz");
  ASSERT_TRUE(write_file(path, "text"));
  std::ofstream(path, std::ios::app | std::ios::binary) << "more";
  EXPECT_THAT(read_file(path).error(), HasSubstr("bytes follow the end of the gzip data"));
}

TEST(FileBytes, MissingFileAndFolderAreNamed) {
  TemporaryFolder folder;
  EXPECT_THAT(read_file(folder.file("none")).error(), HasSubstr("none: cannot be opened: No such file"));
  EXPECT_THAT(read_file(folder.path()).error(), HasSubstr("is a directory"));
  EXPECT_THAT(write_file(folder.file("no/such/folder"), "").error(), HasSubstr("cannot be written"));
}

TEST(LooksLikeJson, TellsTextFromBinary) {
  EXPECT_TRUE(looks_like_json("{\n  \"schema\": \"1.1.1\"}"));
  EXPECT_TRUE(looks_like_json("\xef\xbb\xbf\r\n[{}]"));
  EXPECT_FALSE(
      looks_like_json("{\n\x05"
                      "0.0.4"));  // Chakra metadata of 123 bytes
  EXPECT_FALSE(looks_like_json("rank 0"));
  EXPECT_FALSE(looks_like_json(""));
}

}  // namespace
}  // namespace railyard::trace
