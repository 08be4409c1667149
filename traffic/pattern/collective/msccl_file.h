// SPDX-License-Identifier: BSD-3-Clause
// An MSCCL algorithm as msccl-tools writes it in XML: per GPU thread blocks, each of which has at most one
// peer to send to and one to receive from, and goes through its steps one after another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::collective {

struct MscclStep {
  bool receives = false, sends = false,
       reduces = false;  // none of them: a local copy or a reduction, or nothing
  uint64_t chunks = 0;
  int64_t waits_for_block = -1, waits_for_step = -1;  // of the same GPU; -1: of none
};

struct MscclBlock {
  int64_t send_to = -1, receive_from = -1;  // GPUs; -1: nobody
  uint32_t channel = 0;
  std::vector<MscclStep> steps;
};

struct MscclGpu {
  uint32_t id = 0;
  std::map<int64_t, MscclBlock> blocks;  // by id
};

struct MscclFile {
  std::string collective;  // "allreduce"
  std::string protocol;    // "Simple", "LL", "LL128"
  uint32_t gpu_count = 0;
  uint64_t chunks = 0;                       // of the buffer, in one loop
  uint64_t least_bytes = 0, most_bytes = 0;  // of a buffer that it is meant for; 0: no limit
  std::vector<MscclGpu> gpus;
};

// `place` names the text in errors: "place: byte 812: what is wrong".
tl::expected<MscclFile, std::string> parse_msccl(const std::string& place, std::string_view text);

}  // namespace railyard::collective
