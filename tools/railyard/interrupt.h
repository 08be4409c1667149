// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace railyard {

// From now on the first Ctrl-C (or SIGTERM) only sets a flag, so that the command can clean up; the second
// one ends the process as usual.
void catch_interrupts();

bool was_interrupted();

}  // namespace railyard
