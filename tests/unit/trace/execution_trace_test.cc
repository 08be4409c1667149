// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/import_text.h"

namespace railyard::trace {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json document(const std::vector<json>& nodes) {
  return {{"schema", "1.1.1-chakra.0.0.4"}, {"pid", 1}, {"start_ts", 1}, {"finish_ts", 2}, {"nodes", nodes}};
}

json attribute(const char* name, const json& value) {
  return {{"name", name}, {"type", "any"}, {"value", value}};
}

json groups() {
  const json list = {{{"pg_name", "0"}, {"ranks", {0, 1}}}, {{"pg_name", "5"}, {"ranks", {1, 0}}}};
  return {{"id", 2}, {"name", "## process_group:init ##"}, {"inputs", {{"values", {list.dump()}}}}};
}

// Schema 1.1: what is sent is in the attributes; `sequence` is what a wait names.
json communication(int id, int sequence, const char* name, const char* group, int in, int out, int peer = 0) {
  return {
      {"id", id},
      {"name", "record_param_comms"},
      {"inputs",
       {{"values", {sequence, json::array({group, "x"}), peer, name, json::array(), json::array(), 0, 1, 2}},
        {"types",
         {"Int", "Tuple[String,String]", "Int", "String", "GenericList[]", "GenericList[]", "Int", "Int",
          "Int"}}}},
      {"attrs",
       {attribute("collective_name", name), attribute("dtype", "Half"), attribute("in_msg_nelems", in),
        attribute("out_msg_nelems", out), attribute("pg_name", group), attribute("pg_size", 2),
        attribute("global_rank_start", 0), attribute("global_rank_stride", 1),
        attribute("in_split_size", "[]")}}};
}

std::vector<WrittenFile> both(const std::vector<json>& nodes) {
  return {{"et_0.json", document(nodes).dump()}, {"et_1.json", document(nodes).dump()}};
}

TEST(ExecutionTrace, SizesByAttributesInOrderOfIds) {
  const ImportResult result =
      import_files(both({communication(9, 2, "_reduce_scatter_base", "0", 20, 10), groups(),
                         communication(7, 1, "_allgather_base", "0", 10, 20)}));
  EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("all-gather 40@0,1", "reduce-scatter 40@0,1"));
}

TEST(ExecutionTrace, GroupsRunBesideEachOtherUntilAWait) {
  const ImportResult result = import_files(both(
      {groups(), communication(3, 1, "allreduce", "0", 1, 1), communication(4, 2, "allreduce", "5", 2, 2),
       communication(5, 1, "wait", "", 0, 0), communication(6, 3, "allreduce", "5", 3, 3)}));
  const Rank& rank = result.trace.ranks(0);
  ASSERT_EQ(rank.operations_size(), 3);
  EXPECT_THAT(rank.operations(1).after(), ElementsAre());
  EXPECT_THAT(rank.operations(2).after(), ElementsAre(2, 1)) << "its own stream, and what was waited for";
}

TEST(ExecutionTrace, PeersArePlacesInTheGroup) {
  const ImportResult result =
      import_files({{"et_0.json", document({groups(), communication(3, 1, "recv", "5", 0, 8, 0)}).dump()},
                    {"et_1.json", document({groups(), communication(3, 1, "send", "5", 8, 0, 1)}).dump()}});
  EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("receive 16<1"));
  EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("send 16>0"));
}

TEST(ExecutionTrace, ItsNameMustSayTheRank) {
  const auto result =
      try_import({{"et.json", document({communication(3, 1, "allreduce", "0", 1, 1)}).dump()}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("let its name end with the rank, as in rank_3.json"));
}

}  // namespace
}  // namespace railyard::trace
