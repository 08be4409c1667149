// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/parameter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace railyard {
namespace {

enum class Kind : uint8_t { FatTree, LeafSpine };

struct Sample {
  bool flag = false;
  uint32_t count = 4;
  int32_t exponent = -1;
  uint64_t large = 0;
  double percent = 1.5;
  SimTime delay = SimTime::microseconds(2);
  Bytes size = {4096};
  BitRate rate = BitRate::gigabits(100);
  Kind kind = Kind::FatTree;
  PrioritySet priorities = {1u << 3};
  DscpMap map{};
  std::string label = "a b";
};

const std::vector<Parameter<Sample>>& parameters_of(const Sample*) {
  static const std::vector<Parameter<Sample>> rows = {
      {"flag", &Sample::flag, 0, 1, "", ""},
      {"count", &Sample::count, 1, 8, "", ""},
      {"exponent", &Sample::exponent, -8, 7, "", ""},
      {"large", &Sample::large, 0, kUnlimited, "", ""},
      {"percent", &Sample::percent, 0, 100, "", ""},
      {"delay", &Sample::delay, 1000, 1e12, "", ""},
      {"size", &Sample::size, 64, kUnlimited, "", ""},
      {"rate", &Sample::rate, 1e9, 400e9, "", ""},
      {"kind", &Sample::kind, "", "", {"fat-tree", "leaf-spine"}},
      {"priorities", &Sample::priorities, 0, 0, "", ""},
      {"map", &Sample::map, 0, 7, "", ""},
      {"label", &Sample::label, 0, 0, "", ""},
  };
  return rows;
}

BoundParameter row(Sample& sample, std::string_view name) {
  for (const BoundParameter& parameter : bind(sample))
    if (parameter.name == name) return parameter;
  throw std::out_of_range(std::string(name));
}

std::string error_of(std::string_view name, std::string_view text) {
  Sample sample;
  const auto done = row(sample, name).set(text);
  return done ? "accepted" : done.error();
}

TEST(Parameter, SetsEveryKindOfField) {
  Sample s;
  const std::vector<std::pair<const char*, const char*>> texts = {
      {"flag", "true"},        {"count", "8"},
      {"exponent", "-8"},      {"large", "18446744073709551615"},
      {"percent", "0.1"},      {"delay", "12.5 us"},
      {"size", "1KiB"},        {"rate", "400 Gb/s"},
      {"kind", "leaf-spine"},  {"priorities", "3, 4"},
      {"map", "26:3,48-55:6"}, {"label", "x: y"}};
  for (const auto& [name, text] : texts) EXPECT_TRUE(row(s, name).set(text)) << name;
  EXPECT_TRUE(s.flag);
  EXPECT_EQ(s.count, 8u);
  EXPECT_EQ(s.exponent, -8);
  EXPECT_EQ(s.large, 18446744073709551615u);
  EXPECT_EQ(s.percent, 0.1);
  EXPECT_EQ(s.delay, SimTime::nanoseconds(12'500));
  EXPECT_EQ(s.size, Bytes{1024});
  EXPECT_EQ(s.rate, BitRate::gigabits(400));
  EXPECT_EQ(s.kind, Kind::LeafSpine);
  EXPECT_EQ(s.priorities.mask, 0b11000);
  EXPECT_EQ(s.map[26], 3);
  EXPECT_EQ(s.map[55], 6);
  EXPECT_EQ(s.map[56], 0);
  EXPECT_EQ(s.label, "x: y");
}

TEST(Parameter, PrintsWhatItReadsBack) {
  Sample s;
  s.map[26] = 3;
  const std::vector<std::string> expected = {
      "false", "4", "-1", "0", "1.5", "2us", "4KiB", "100Gbps", "fat-tree", "3", "0-25:0,26:3,27-63:0",
      "a b"};
  std::vector<std::string> texts;
  for (const auto& parameter : bind(s)) {
    texts.push_back(parameter.text());
    EXPECT_TRUE(parameter.set(parameter.text())) << parameter.name;
    EXPECT_EQ(parameter.text(), texts.back());
  }
  EXPECT_EQ(texts, expected);
}

TEST(Parameter, NamesItsKindAndRange) {
  Sample s;
  std::vector<std::string> described;
  for (const auto& parameter : bind(s))
    described.push_back(std::string(name_of(parameter.kind())) + "|" + parameter.range());
  EXPECT_THAT(described,
              testing::ElementsAre("boolean|", "integer|1 to 8", "integer|-8 to 7", "integer|",
                                   "number|0 to 100", "time|1ns to 1s", "size|at least 64B",
                                   "rate|1Gbps to 400Gbps", "choice|", "priorities|", "map|0 to 7", "text|"));
}

TEST(Parameter, ErrorsSayWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(error_of("flag", "yes"), "'yes' is neither true nor false");
  EXPECT_EQ(error_of("count", "9"), "'9' is out of range: it must be 1 to 8");
  EXPECT_EQ(error_of("count", "-1"), "'-1' is not a whole number");
  EXPECT_EQ(error_of("count", "4x"), "'4x' is not a whole number");
  EXPECT_EQ(error_of("count", ""), "'' is not a whole number");
  EXPECT_EQ(error_of("count", "99999999999"), "'99999999999' is too large");
  EXPECT_EQ(error_of("percent", "nan"), "'nan' is not a number");
  EXPECT_EQ(error_of("percent", "101"), "'101' is out of range: it must be 0 to 100");
  EXPECT_EQ(error_of("delay", "1ps"), "'1ps' is out of range: it must be 1ns to 1s");
  EXPECT_EQ(error_of("size", "1B"), "'1B' is out of range: it must be at least 64B");
  EXPECT_EQ(error_of("rate", "100"),
            "'100' is not a rate: the unit is missing (such as 100Gbps; units: bps, kbps, Mbps, Gbps, Tbps)");
  EXPECT_EQ(error_of("kind", "leafspine"),
            "'leafspine' is not one of fat-tree, leaf-spine; did you mean 'leaf-spine'?");
  EXPECT_EQ(error_of("priorities", "8"),
            "'8' is not a set of priorities: write numbers from 0 to 7, such as 3,4, or none");
  EXPECT_EQ(error_of("map", "64:1"),
            "'64' is not a key of this map: keys are 0 to 63, or ranges of them such as 0-7");
  EXPECT_EQ(error_of("map", "5-3:1"),
            "'5-3' is not a key of this map: keys are 0 to 63, or ranges of them such as 0-7");
  EXPECT_EQ(error_of("map", "26:8"), "'8' is out of range: values are 0 to 7");
  EXPECT_EQ(error_of("map", "26"), "'26' is not an entry of a map: write key: value");
}

TEST(Parameter, AValueThatIsRefusedLeavesTheFieldAsItWas) {
  Sample s;
  EXPECT_FALSE(row(s, "count").set("9"));
  EXPECT_EQ(s.count, 4u);
}

TEST(Parameter, RowsWorkWithoutBinding) {
  Sample s;
  const auto& count = parameters_of(&s)[1];
  EXPECT_EQ(kind_of(count), ParameterKind::Integer);
  EXPECT_TRUE(set_from_text(count, s, "7"));
  EXPECT_EQ(text_of(count, s), "7");
}

}  // namespace
}  // namespace railyard
