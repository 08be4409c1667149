// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/message_framing.h"

#include <fmt/format.h>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard::lab {

tl::expected<std::string, std::string> encode_frame(const control::Message& message) {
  const size_t length = message.ByteSizeLong();
  if (length > kPeerLimit)
    return tl::make_unexpected(fmt::format(
        "a message of {} bytes is too long for the control protocol, which carries {}", length, kPeerLimit));
  std::string frame(kLengthBytes, '\0');
  store_be32(reinterpret_cast<uint8_t*>(frame.data()), static_cast<uint32_t>(length));
  message.AppendToString(&frame);
  return frame;
}

tl::expected<std::optional<control::Message>, std::string> FrameParser::next() {
  if (pending() < kLengthBytes) return std::nullopt;
  const size_t length = load_be32(reinterpret_cast<const uint8_t*>(buffer_.data()) + begin_);
  if (length > limit_)
    return tl::make_unexpected(
        fmt::format("a message of {} bytes was announced, but at most {} are allowed here", length, limit_));
  if (pending() < kLengthBytes + length) return std::nullopt;
  control::Message message;
  if (!message.ParseFromArray(buffer_.data() + begin_ + kLengthBytes, static_cast<int>(length)) ||
      message.kind_case() == control::Message::KIND_NOT_SET)
    return tl::make_unexpected("what came is no message of Railyard's control protocol");
  begin_ += kLengthBytes + length;
  // Moving the rest down only when half of the buffer is spent keeps the cost linear.
  if (begin_ * 2 >= buffer_.size()) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return message;
}

}  // namespace railyard::lab
