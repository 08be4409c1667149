// SPDX-License-Identifier: BSD-3-Clause
// Messages as bytes of a stream: each is preceded by its length, four bytes, most significant first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"

namespace railyard::lab {

// Changes whenever a player and a controller that differ in it could misunderstand each other.
constexpr uint32_t kProtocolVersion = 5;
constexpr uint16_t kDefaultPort = 7471;

constexpr size_t kLengthBytes = 4;
// A stranger cannot make us hold much; a peer that showed the token may send traces and measurements.
constexpr size_t kStrangerLimit = size_t{64} << 10;
constexpr size_t kPeerLimit = size_t{1} << 30;

// The error says that the message is too long for any peer.
tl::expected<std::string, std::string> encode_frame(const control::Message& message);

// Takes a stream piece by piece. Any bytes are safe, and memory grows with what came, not with what a length
// promises.
class FrameParser {
 public:
  explicit FrameParser(size_t limit) : limit_(limit) {}

  void set_limit(size_t limit) { limit_ = limit; }
  void append(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole message; nothing when more bytes are needed. After an error the stream is of no use.
  tl::expected<std::optional<control::Message>, std::string> next();
  // Bytes of a message that is not whole yet.
  size_t pending() const { return buffer_.size() - begin_; }

 private:
  size_t limit_;
  std::string buffer_;
  size_t begin_ = 0;
};

}  // namespace railyard::lab
