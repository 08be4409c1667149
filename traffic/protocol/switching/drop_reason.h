// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace railyard {

// Why a switch threw a frame away; Count stands for "it did not".
enum class DropReason : uint8_t { HeadroomFull, SharedFull, EgressFull, NoRoute, Count };

constexpr size_t kDropReasons = static_cast<size_t>(DropReason::Count);
constexpr std::array<const char*, kDropReasons> kDropReasonNames = {"headroom_full", "shared_full",
                                                                    "egress_full", "no_route"};

}  // namespace railyard
