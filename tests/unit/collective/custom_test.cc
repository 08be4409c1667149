// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/custom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/collective/msccl_text.h"

namespace railyard::collective {
namespace {

using testing::HasSubstr;

TEST(Custom, CarriesItsKindNumberOfMembersAndSizes) {
  const auto made = CustomAlgorithm::make("ring.xml", msccl_ring(4, "minBytes=\"1024\" maxBytes=\"4096\""));
  ASSERT_TRUE(made) << made.error();
  const CustomAlgorithm& ring = **made;
  EXPECT_TRUE(ring.carries(Kind::AllReduce, 1'024, 4));
  EXPECT_TRUE(ring.carries(Kind::AllReduce, 4'096, 4));
  EXPECT_FALSE(ring.carries(Kind::AllReduce, 1'020, 4)) << "less than minBytes";
  EXPECT_FALSE(ring.carries(Kind::AllReduce, 4'100, 4)) << "more than maxBytes";
  EXPECT_FALSE(ring.carries(Kind::AllReduce, 1'026, 4)) << "not in whole chunks";
  EXPECT_FALSE(ring.carries(Kind::AllReduce, 1'024, 8));
  EXPECT_FALSE(ring.carries(Kind::AllGather, 1'024, 4));
  EXPECT_EQ(ring.what_it_carries(),
            "all_reduce among 4 members, from 1KiB, up to 4KiB, whose bytes are a multiple of 4");
}

TEST(Custom, GoesThroughALoopForEverySliceOfAChunk) {
  const auto made = CustomAlgorithm::make("ring.xml", msccl_ring(4));
  ASSERT_TRUE(made) << made.error();
  Call call;
  call.size = 4;
  call.me = 2;
  call.custom = made->get();
  call.bytes = 4 << 20;
  EXPECT_EQ((*made)->row().step_count(call), 12U);
  EXPECT_EQ((*made)->row().step(call, 0).send.bytes, 1U << 20);
  call.bytes = 4 * (5 << 19);  // chunks of two and a half slices
  EXPECT_EQ((*made)->row().step_count(call), 3U * 12);
  EXPECT_EQ((*made)->row().receive_count(call), 3U * 6);
  uint64_t sent = 0;
  for (uint64_t i = 0; i < 36; ++i) sent += (*made)->row().step(call, i).send.bytes;
  EXPECT_EQ(sent, uint64_t{2} * 3 * call.bytes / 4);
}

std::string error_of(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
  const auto made = CustomAlgorithm::make("a.xml", text);
  return made ? "" : made.error();
}

TEST(Custom, RefusesWhatDoesNotFitTogether) {
  const std::string ring = msccl_ring(3);
  EXPECT_THAT(error_of(ring, "coll=\"allreduce\"", "coll=\"custom\""),
              HasSubstr("a.xml: its coll, 'custom', is no collective here"));
  EXPECT_THAT(error_of(ring, "proto=\"Simple\"", "proto=\"LL64\""),
              HasSubstr("its proto, 'LL64', is not known; it must be Simple, LL or LL128"));
  EXPECT_THAT(error_of(ring, "ngpus=\"3\"", "ngpus=\"2\""), HasSubstr("must be below ngpus, 2"));
  EXPECT_THAT(error_of(ring, "chan=\"0\"", "chan=\"1\""),
              HasSubstr("gpu 0 sends to gpu 1 on channel 1, where not one tb receives it but 0"));
  EXPECT_THAT(error_of(ring, "cnt=\"1\"", "cnt=\"2\""),
              HasSubstr("gpu 0 sends to gpu 1 on channel 0 other numbers of chunks than that receives"));
  EXPECT_THAT(error_of(ring, "depid=\"-1\" deps=\"-1\"", "depid=\"3\" deps=\"0\""),
              HasSubstr("gpu 0: tb 0, step 0: waits for step 0 of tb 3, which is not there"));
  EXPECT_THAT(error_of(ring, "depid=\"-1\" deps=\"-1\"", "depid=\"0\" deps=\"2\""),
              HasSubstr("its steps wait for one another in a circle"));
  EXPECT_THAT(error_of(ring, "<gpu id=\"1\"", "<gpu id=\"0\""), HasSubstr("gpu 0: it is there twice"));
  EXPECT_THAT(error_of(ring, "type=\"s\"", "type=\"send\""), HasSubstr("'send' is no step of MSCCL"));
}

}  // namespace
}  // namespace railyard::collective
