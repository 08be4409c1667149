// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: the control port's parser takes any bytes, in pieces of any size. How a stream is cut must not
// change what is read from it, and what was read is framed again and comes back the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "dpdk-app/control/message_framing.h"

namespace {

using namespace railyard::lab;

struct Reading {
  std::vector<std::string> messages;
  std::string error;

  bool operator==(const Reading& other) const { return messages == other.messages && error == other.error; }
};

// Deterministic bytes of a message: they may differ from those that came, such as in the order of fields.
std::string bytes_of(const control::Message& message) {
  return message.SerializeAsString();
}

Reading read(std::string_view stream, size_t piece) {
  Reading reading;
  FrameParser parser(kStrangerLimit);
  while (!stream.empty()) {
    const size_t size = std::min(piece, stream.size());
    parser.append(stream.substr(0, size));
    stream.remove_prefix(size);
    for (;;) {
      const auto message = parser.next();
      if (!message) {
        reading.error = message.error();
        return reading;
      }
      if (!*message) break;
      reading.messages.push_back(bytes_of(**message));
    }
  }
  return reading;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t piece = data[0] + size_t{1};
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Reading whole = read(stream, size);
  require(whole == read(stream, piece));
  for (const std::string& bytes : whole.messages) {
    control::Message message;
    require(message.ParseFromString(bytes));
    const Reading again = read(encode_frame(message).value(), piece);
    require(again.error.empty() && again.messages == std::vector<std::string>{bytes});
  }
  return 0;
}
