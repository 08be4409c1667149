// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/players.h"

namespace railyard::lab {

// Traces are compiled and addresses resolved in it.
constexpr std::chrono::milliseconds kPrepareTimeout{60'000};

// Lets all switches prepare the plan, and then all agents. The players' warnings, or the errors of those who
// could not; one line each, and each names its player.
tl::expected<std::vector<std::string>, std::vector<std::string>> prepare_all(
    const control::Plan& plan, std::vector<Player>& players, std::chrono::milliseconds timeout,
    const std::atomic<bool>& cancelled);

}  // namespace railyard::lab
