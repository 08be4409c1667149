// SPDX-License-Identifier: BSD-3-Clause
// What a run takes of the machine's memory, told before it begins: one that does not fit ends with a sentence
// instead of with bad_alloc, or by the kernel's hand after hours.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/run/available_memory.h"

namespace railyard {

// In bytes. Counted from the structures' sizes; allocators and vectors that grow are reckoned with.
struct MemoryEstimate {
  uint64_t schedule = 0;  // compiled: it is there already
  uint64_t queue_pairs = 0;
  uint64_t hosts = 0;  // their ranks' state
  uint64_t fabric = 0;
  uint64_t record = 0;  // by the run's end, without the messages of background jobs

  uint64_t to_come() const { return queue_pairs + hosts + fabric + record; }
};

// Schedule, hosts, and of the record what the ranks do: messages, as far as they can be sent in `duration`,
// spans and operations. The rest is the player's.
MemoryEstimate estimate_of(const schedule::PlayedJobs& jobs, SimTime duration);

// "queue pairs 1.2 GiB, ranks 96.0 MiB, fabric 0.9 GiB, record 310.5 MiB".
std::string in_words(const MemoryEstimate& estimate);

// That what is still to come fits. The error names what needs how much, and what there is.
tl::expected<void, std::string> check_memory(const MemoryEstimate& estimate,
                                             const AvailableMemory& available);

}  // namespace railyard
