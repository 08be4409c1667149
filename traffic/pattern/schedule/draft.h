// SPDX-License-Identifier: BSD-3-Clause
// A schedule in the making: what the passes of compile() share. Each pass is one function in a file of its
// own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {

using Checked = tl::expected<void, std::string>;

struct Draft {
  const trace::Trace& trace;
  const CompileOptions& options;
  std::vector<const trace::Rank*> ranks{};  // by rank
  Schedule schedule{};
  // Per rank: (task, task that waits for its end), within the rank.
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> dependencies{};
  uint64_t pairs = 0;  // of CompileOptions::most_pairs

  const trace::Operation& operation(uint32_t rank, uint32_t index) const {
    return ranks[rank]->operations(static_cast<int>(index));
  }
  Task& task(uint32_t rank, uint32_t index) {
    return schedule.tasks[schedule.ranks[rank].first_task + index];
  }
};

// "rank 3, operation 7 'all_reduce'"
std::string place_of(const Draft& draft, uint32_t rank, uint32_t index);

// That a queue pair can carry a message of so many bytes, which this operation would send.
Checked check_message(const Draft& draft, uint32_t rank, uint32_t index, uint64_t bytes);

// Of these options, none of which is taken back.
Checked take_pairs(Draft& draft, uint64_t count);
// The error says that somebody wants no schedule any more.
Checked check_cancelled(const Draft& draft);

uint32_t add_channel(Schedule& schedule, Channel channel);

// Ranks and groups are complete, dependencies point back, every operation does something.
Checked check_shape(Draft& draft);
// Tasks without their operations; fills Draft::dependencies with what the trace says.
Checked lay_out_tasks(Draft& draft);
// Operations, memberships and channels of the process groups; a group's collectives one after another.
Checked match_collectives(Draft& draft);
// Operations and channels of sends and receives.
Checked match_messages(Draft& draft);
// Task::dependency_count, Schedule::dependents.
void connect_tasks(Draft& draft);
// Runs the graph without a network; what does not end waits for itself.
Checked check_progress(const Draft& draft);

}  // namespace railyard::schedule
