// SPDX-License-Identifier: BSD-3-Clause
// Ranges and sources that the rows of several kinds share.
#pragma once

#include <string_view>

namespace railyard::workload {

constexpr double kMaxRanks = 1'048'576;
constexpr double kGibibyte = 1 << 30;
constexpr double kMaxMessage = 64 * kGibibyte;  // as schedule::compile() has it
constexpr double kMaxBuffer = 1024 * kGibibyte;
constexpr double kMaxTime = 1e15;  // 1000 s
constexpr std::string_view kOurs = "Railyard's default";

}  // namespace railyard::workload
