// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>

namespace railyard::lab {

// From now on the first Ctrl-C (or SIGTERM) only sets interruption(), so that the players can be stopped and
// what they measured kept; the second one ends the process as usual.
void catch_interrupts();
const std::atomic<bool>& interruption();

}  // namespace railyard::lab
