// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace railyard {

// Why a frame was thrown away; Count stands for "it was not". The first four are a switch's. LinkFault: lost
// on its link, as a scenario asked. BadIcrc: changed on its way, as its receiver found.
enum class DropReason : uint8_t { HeadroomFull, SharedFull, EgressFull, NoRoute, LinkFault, BadIcrc, Count };

constexpr size_t kDropReasons = static_cast<size_t>(DropReason::Count);
constexpr std::array<const char*, kDropReasons> kDropReasonNames = {
    "headroom_full", "shared_full", "egress_full", "no_route", "link_fault", "bad_icrc"};

}  // namespace railyard
