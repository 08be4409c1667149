// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <csignal>
#include <cstdint>

namespace railyard::lab {

// SIGINT and SIGTERM end a player. They are waited for, not handled: so nothing is interrupted. To be called
// before any thread is made.
sigset_t block_signals();

// Waits so long, or until one of them comes: true when it is time to end.
bool signalled_within(const sigset_t& signals, int64_t ns);

}  // namespace railyard::lab
