// SPDX-License-Identifier: BSD-3-Clause
// The passes of compile() that make lanes, strands and channels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {

// A rank's memberships and strands, in the making.
struct LinkedStrand {
  Strand strand;
  std::vector<Link> sends, receives;
};
struct RankStrandsEntry {
  std::vector<Membership> memberships;
  std::vector<LinkedStrand> strands;
};
using RankStrands = std::vector<RankStrandsEntry>;

// A group of these ranks with its lanes; gives its index.
tl::expected<uint32_t, std::string> add_communicator(Draft& draft, const std::string& name,
                                                     const std::vector<uint32_t>& ranks);

// As NCCL's cost model sees the group.
collective::TunedGroup tuned_group(const Draft& draft, uint32_t communicator);

// Memberships, strands and channels for what the group's operations send.
Checked connect_group(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator,
                      RankStrands& strands);

void flatten(const RankStrands& strands, Schedule& schedule);

// By which NICs a channel goes where its ranks are on different hosts: those of its lane, or of the pair.
void choose_nics(const Draft& draft, std::optional<HostShape::NicPair> of_lane, Channel& channel);

bool between_hosts(const Draft& draft, const Channel& channel);

// The channel that grants the messages of this one; without slots.
Channel granting(Channel channel);

}  // namespace railyard::schedule
