// SPDX-License-Identifier: BSD-3-Clause
// How a control thread waits for a polling lcore.
#pragma once

#include <chrono>
#include <functional>

namespace railyard::lab {

// Returns once `answered` is true. An lcore that lets so much time pass is held within a driver's call, and
// nothing that it uses can be taken from it: then the process ends, with a message and exit code 1.
void await_lcore(const std::function<bool()>& answered,
                 std::chrono::milliseconds limit = std::chrono::seconds(5));

}  // namespace railyard::lab
