// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/message_framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dpdk-app/control/session_options.h"

namespace railyard::lab {
namespace {

using control::Message;
using testing::HasSubstr;

std::string frame_of_stop(const std::string& reason) {
  Message message;
  message.mutable_stop()->set_reason(reason);
  return encode_frame(message).value();
}

TEST(MessageFraming, AFrameIsItsLengthMostSignificantFirstAndTheMessage) {
  const std::string frame = frame_of_stop(std::string(300, 'x'));
  EXPECT_EQ(frame.substr(0, 2), std::string(2, '\0'));
  EXPECT_EQ(static_cast<uint8_t>(frame[2]) * 256 + static_cast<uint8_t>(frame[3]), frame.size() - 4);
}

TEST(MessageFraming, MessagesComeWholeHoweverTheStreamIsCut) {
  const std::string stream =
      frame_of_stop("first") + frame_of_stop(std::string(1000, 'y')) + frame_of_stop("last");
  for (size_t piece = 1; piece < 60; ++piece) {
    FrameParser parser(kStrangerLimit);
    std::vector<std::string> reasons;
    for (size_t i = 0; i < stream.size(); i += piece) {
      parser.append(std::string_view(stream).substr(i, piece));
      for (auto message = parser.next(); message.value(); message = parser.next())
        reasons.push_back(message.value()->stop().reason());
    }
    EXPECT_THAT(reasons, testing::ElementsAre("first", std::string(1000, 'y'), "last")) << piece;
    EXPECT_EQ(parser.pending(), 0u);
  }
}

TEST(MessageFraming, AnOversizeLengthIsRefusedBeforeItsBytesCome) {
  FrameParser parser(kStrangerLimit);
  parser.append(std::string("\x00\x01\x00\x01", 4));
  const auto message = parser.next();
  ASSERT_FALSE(message);
  EXPECT_THAT(message.error(), HasSubstr("65537 bytes was announced, but at most 65536"));
}

TEST(MessageFraming, TheLimitIsInclusiveAndMayBeRaised) {
  FrameParser parser(10);
  parser.append(std::string("\x00\x00\x00\x0a", 4));
  EXPECT_EQ(parser.next().value(), std::nullopt);
  FrameParser longer(10);
  longer.set_limit(kPeerLimit);
  longer.append(frame_of_stop("a reason longer than ten"));
  EXPECT_EQ(longer.next().value()->stop().reason(), "a reason longer than ten");
}

TEST(MessageFraming, BytesThatAreNoMessageAreRefused) {
  for (const std::string& body : {std::string("\xff\xff\xff\xff"), std::string(), std::string("\x0a\x7f")}) {
    FrameParser parser(kStrangerLimit);
    parser.append(std::string("\0\0\0", 3) + static_cast<char>(body.size()) + body);
    const auto message = parser.next();
    ASSERT_FALSE(message);
    EXPECT_THAT(message.error(), HasSubstr("no message of Railyard's control protocol"));
  }
}

TEST(ControlAddress, HostAndPortAreTakenApart) {
  EXPECT_EQ(parse_address("10.1.0.7:7000")->host, "10.1.0.7");
  EXPECT_EQ(parse_address("10.1.0.7:7000")->port, 7000);
  EXPECT_EQ(parse_address("lab7")->port, kDefaultPort);
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_address("[::1]")->port, kDefaultPort);
  EXPECT_FALSE(parse_address("[::1]")->is_unix());
  EXPECT_TRUE(parse_address("unix:/run/agent.sock")->is_unix());
  EXPECT_EQ(parse_address("unix:/run/agent.sock")->socket_path, "/run/agent.sock");
}

TEST(ControlAddress, WhatIsNoneIsQuoted) {
  for (const char* text : {"", ":7", "host:", "host:70000", "host:7x", "::1", "[::1", "[::1]x", "host:-1",
                           "unix:", "unix:agent.sock"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error(), HasSubstr(std::string("'") + text + "' is no address: write host:port"));
  }
  EXPECT_THAT(parse_address("unix:/" + std::string(107, 'x')).error(), HasSubstr("at most 107 characters"));
}

}  // namespace
}  // namespace railyard::lab
