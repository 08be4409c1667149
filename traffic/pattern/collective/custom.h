// SPDX-License-Identifier: BSD-3-Clause
// An algorithm that a user gives, as msccl-tools writes it (msccl_file.h). It carries the collectives of its
// kind, number of members and range of sizes, whose bytes its chunks divide evenly, as the MSCCL runtime
// does; others go the scenario's way. A buffer is cut in its chunks, and goes through as many loops as a
// chunk has slices: a slice of each chunk in a loop. Source: RCCL 6, src/device/msccl_kernel_impl.h, and
// src/misc/msccl/msccl_lifecycle.cc (which sends the chunks of a step one by one where they fill a slice;
// here they are one message).
//
// A thread block is a strand. A step waits for the one before it, and for that which it names (depid, deps).
// Whether the steps make the collective that the file names is not looked at.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/collective/msccl_file.h"

namespace railyard::collective {

class CustomAlgorithm {
 public:
  // `name` is the file's. Errors name it: XML that is damaged; a collective or protocol that is not known
  // here; a send without a block that receives it, or the other way round; steps that wait for each other.
  static tl::expected<std::shared_ptr<const CustomAlgorithm>, std::string> make(const std::string& name,
                                                                                std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const Algorithm& row() const { return row_; }
  Protocol protocol() const { return protocol_; }
  bool carries(Kind kind, uint64_t bytes, uint32_t members) const;
  // "an all_reduce of 8 members, 1MiB to 4MiB, in multiples of 8B"
  std::string what_it_carries() const;

  struct Block {
    uint32_t send_to = kNobody, receive_from = kNobody;
    uint32_t receiver = 0;  // the block of send_to that receives
    uint32_t channel = 0;
    std::vector<MscclStep> steps;  // whose waits_for_block is an index in the GPU's blocks
    uint64_t receives = 0;         // of the steps
  };
  uint64_t chunks() const { return chunks_; }
  const std::vector<std::vector<Block>>& blocks() const { return blocks_; }  // by GPU

 private:
  tl::expected<void, std::string> take(const MscclFile& file);
  tl::expected<void, std::string> take_gpu(const MscclGpu& gpu);
  tl::expected<void, std::string> connect();
  tl::expected<void, std::string> check_progress() const;

  std::string name_, text_;
  Algorithm row_{};
  Protocol protocol_ = Protocol::Simple;
  uint64_t chunks_ = 1, least_bytes_ = 0, most_bytes_ = 0;
  std::vector<std::vector<Block>> blocks_;
};

}  // namespace railyard::collective
