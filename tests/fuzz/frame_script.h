// SPDX-License-Identifier: BSD-3-Clause
// How a fuzzer's bytes become frames that arrive one after the other: records of a step and of bytes. Readers
// and the seeds' writer share it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/units/quantity.h"

namespace railyard::fuzz {

// What the bytes of a step are. Mended: lengths, addresses and checksums are put right first, or hardly any
// input would get past them.
enum class StepKind : uint8_t { Frame, MendedFrame, Act, Count };

struct Step {
  StepKind kind = StepKind::Frame;
  uint8_t choice = 0;  // the harness's own: which port, flow, or act
  SimTime wait;        // before it
  std::vector<uint8_t> bytes;
};

// A record: kind, choice, the binary logarithm of the wait, two bytes of length, the bytes. One that is cut
// short ends the script.
class FrameScript {
 public:
  FrameScript(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool next(Step& step) {
    if (size_ < kHeader) return false;
    step.kind = static_cast<StepKind>(data_[0] % static_cast<uint8_t>(StepKind::Count));
    step.choice = data_[1];
    step.wait = SimTime{int64_t{1} << (data_[2] % kLongestWait)};
    const size_t length = std::min<size_t>(load_be16(data_ + 3), size_ - kHeader);
    step.bytes.assign(data_ + kHeader, data_ + kHeader + length);
    data_ += kHeader + length;
    size_ -= kHeader + length;
    return true;
  }

  static void append(std::vector<uint8_t>& script, StepKind kind, uint8_t choice, uint8_t log2_wait,
                     const std::vector<uint8_t>& bytes) {
    const auto length = static_cast<uint16_t>(bytes.size());
    script.insert(script.end(), {static_cast<uint8_t>(kind), choice, log2_wait,
                                 static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)});
    script.insert(script.end(), bytes.begin(), bytes.end());
  }

 private:
  static constexpr size_t kHeader = 5;
  static constexpr uint8_t kLongestWait = 42;  // 4.4 s
  const uint8_t* data_;
  size_t size_;
};

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace railyard::fuzz
