// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/import_text.h"
#include "traffic/pattern/trace/import/pickle.h"

namespace railyard::trace {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json entry(const char* name, int sequence, const json& in, const json& out) {
  return {{"process_group", {"0", "default_pg"}},
          {"collective_seq_id", sequence},
          {"p2p_seq_id", sequence},
          {"profiling_name", name},
          {"input_sizes", {in}},
          {"input_dtypes", {"BFloat16"}},
          {"output_sizes", {out}},
          {"output_dtypes", {"BFloat16"}},
          {"is_p2p", false},
          {"time_created_ns", 1724779239936775119},
          {"duration_ms", nullptr}};
}

json dump(const std::vector<json>& entries) {
  return {{"version", "2.5"},
          {"pg_config", {{"0", {{"name", "0"}, {"desc", "default_pg"}, {"ranks", "[0, 1]"}}}}},
          {"entries", entries}};
}

// As torch's and Python's picklers write data: protocol 2, texts memoised.
std::string number(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string pickled(const json& value, int& memo) {
  if (value.is_null()) return "N";
  if (value.is_boolean()) return value.get<bool>() ? "\x88" : "\x89";
  if (value.is_number_integer()) {
    const auto number_value = value.get<int64_t>();
    if (number_value >= INT32_MIN && number_value <= INT32_MAX)
      return "J" + number(static_cast<uint64_t>(number_value), 4);
    return std::string("\x8a\x08", 2) + number(static_cast<uint64_t>(number_value), 8);
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return "X" + number(text.size(), 4) + text + "q" + number(static_cast<uint64_t>(memo++ % 256), 1);
  }
  std::string out = value.is_array() ? "](" : "}(";
  for (const auto& [key, inner] : value.items()) {
    if (value.is_object()) out += pickled(key, memo);
    out += pickled(inner, memo);
  }
  return out + (value.is_array() ? "e" : "u");
}

std::string pickle_of(const json& value) {
  int memo = 0;
  return "\x80\x02" + pickled(value, memo) + ".";
}

const std::vector<json> kEntries = {entry("nccl:all_reduce", 1, {3, 4}, {3, 4}),
                                    entry("nccl:_all_gather_base", 2, {8}, {16}),
                                    entry("nccl:_reduce_scatter_base", 3, {16}, {8})};

TEST(FlightRecorder, JsonAndPickleGiveTheSame) {
  for (const bool as_pickle : {false, true}) {
    const std::string content = as_pickle ? pickle_of(dump(kEntries)) : dump(kEntries).dump();
    const ImportResult result =
        import_files({{"nccl_trace_rank_0", content}, {"nccl_trace_rank_1", content}});
    EXPECT_THAT(operations_of(result.trace, 1),
                ElementsAre("all-reduce 24@0,1", "all-gather 32@0,1", "reduce-scatter 32@0,1"))
        << as_pickle;
  }
}

TEST(FlightRecorder, WhatOneRanksRingHasLostIsLeftOutOfAll) {
  const std::vector<json> late(kEntries.begin() + 1, kEntries.end());
  const ImportResult result =
      import_files({{"r_0.json", dump(kEntries).dump()}, {"r_1.json", dump(late).dump()}});
  EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("all-gather 32@0,1", "reduce-scatter 32@0,1"));
}

TEST(FlightRecorder, MessagesNameTheirPeerInTheGroup) {
  json send = entry("nccl:send 0->1", 1, {4}, {4}), receive = entry("nccl:recv 1<-0", 1, {4}, {4});
  send["is_p2p"] = receive["is_p2p"] = true;
  const ImportResult result =
      import_files({{"r_0.json", dump({send}).dump()}, {"r_1.json", dump({receive}).dump()}});
  EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("send 8>1"));
  EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("receive 8<0"));
}

TEST(Pickle, RunsNothing) {
  const std::string attack =
      std::string("\x80\x02") + "cos\nsystem\n" + "X\x04" + std::string(3, '\0') + "true\x85R.";
  const auto decoded = decode_pickle(attack);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error(),
              HasSubstr("byte 2: opcode 0x63 builds an object or runs code, and only data is read"));
}

// A container is remembered before it is filled, as Python's pickler does.
TEST(Pickle, AContainerThatIsUsedTwiceIsTheSame) {
  const std::string twice = std::string("\x80\x02](]q") + '\0' + "(K\x07" + "eh" + '\0' + "e.";
  const auto decoded = decode_pickle(twice);
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(*decoded, json({{7}, {7}}));
}

// 30 pairs, each of the one before and itself.
TEST(Pickle, DoesNotUnfoldWithoutEnd) {
  std::string bomb = "\x80\x02]";
  for (uint64_t i = 0; i < 30; ++i) bomb += "q" + number(i, 1) + "h" + number(i, 1) + "\x86";
  EXPECT_THAT(decode_pickle(bomb + ".").error(), HasSubstr("it unfolds to more values"));
  std::string nested = "\x80\x02";
  for (int i = 0; i < 2000; ++i) nested += "]";
  for (int i = 1; i < 2000; ++i) nested += "a";
  EXPECT_THAT(decode_pickle(nested + ".").error(), HasSubstr("deeper"));
}

TEST(Pickle, Numbers) {
  EXPECT_EQ(*decode_pickle("\x80\x02J\xff\xff\xff\xff."), json(-1));
  EXPECT_EQ(*decode_pickle("\x80\x02M\x01\x02."), json(513));
  EXPECT_EQ(*decode_pickle(std::string("\x80\x02\x8a\x01\x80.")), json(-128));
  EXPECT_EQ(*decode_pickle(std::string("\x80\x02\x8a\x00.", 5)), json(0));
  EXPECT_EQ(*decode_pickle(std::string("\x80\x02G?\xf8\0\0\0\0\0\0.", 12)), json(1.5));
  EXPECT_FALSE(decode_pickle("\x80\x02X\x05"));
}

}  // namespace
}  // namespace railyard::trace
