// SPDX-License-Identifier: BSD-3-Clause
// Algorithms as msccl-tools writes them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace railyard::collective {

inline std::string msccl_step(const char* type, int depends_on_block = -1, int depends_on_step = -1) {
  return fmt::format("<step s=\"0\" type=\"{}\" cnt=\"1\" depid=\"{}\" deps=\"{}\"/>\n", type,
                     depends_on_block, depends_on_step);
}

// A ring in which every member has one thread block, of an all-reduce in n chunks.
inline std::string msccl_ring(uint32_t n, const std::string& attributes = "") {
  std::string text = fmt::format(
      "<algo name=\"ring\" proto=\"Simple\" nchannels=\"1\" nchunksperloop=\"{}\" ngpus=\"{}\" "
      "coll=\"allreduce\" {}>\n",
      n, n, attributes);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text += fmt::format("<gpu id=\"{}\">\n<tb id=\"0\" send=\"{}\" recv=\"{}\" chan=\"0\">\n", gpu,
                        (gpu + 1) % n, (gpu + n - 1) % n);
    text += msccl_step("s");
    for (uint32_t round = 1; round < n; ++round) text += msccl_step("rrc") + msccl_step("s");
    for (uint32_t round = 2; round < n; ++round) text += msccl_step("r") + msccl_step("s");
    text += msccl_step("r") + "</tb>\n</gpu>\n";
  }
  return text + "</algo>\n";
}

// Every member gives each other one its chunk, and what that has reduced comes back: a thread block for each
// other member, of which each waits for what all of them have received.
inline std::string msccl_all_pairs(uint32_t n) {
  std::string text = fmt::format(
      "<algo name=\"pairs\" proto=\"Simple\" nchannels=\"1\" nchunksperloop=\"{}\" ngpus=\"{}\" "
      "coll=\"allreduce\">\n",
      n, n);
  for (uint32_t gpu = 0; gpu < n; ++gpu) {
    text += fmt::format("<gpu id=\"{}\">\n", gpu);
    for (uint32_t block = 0; block + 1 < n; ++block) {
      const uint32_t peer = block < gpu ? block : block + 1;
      text += fmt::format("<tb id=\"{}\" send=\"{}\" recv=\"{}\" chan=\"0\">\n", block, peer, peer);
      text += msccl_step("s") + msccl_step("rrc");
      for (uint32_t other = 0; other + 1 < n; ++other) text += msccl_step("nop", static_cast<int>(other), 1);
      text += msccl_step("s") + msccl_step("r") + "</tb>\n";
    }
    text += "</gpu>\n";
  }
  return text + "</algo>\n";
}

}  // namespace railyard::collective
