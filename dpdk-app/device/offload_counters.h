// SPDX-License-Identifier: BSD-3-Clause
// What became of the frames that hosts' kernels left to be finished (packet_receiver.h), since the port was
// opened.
#pragma once

#include <cstdint>

namespace railyard::lab {

struct OffloadCounters {
  uint64_t completed = 0;      // frames whose checksum was left to us
  uint64_t cut = 0, made = 0;  // large frames, and the frames that they became
  uint64_t undeliverable =
      0;                   // dropped: of a kind that is not known here, longer than the port's, or cut short
  uint64_t no_buffer = 0;  // dropped: there was no room for them
};

}  // namespace railyard::lab
