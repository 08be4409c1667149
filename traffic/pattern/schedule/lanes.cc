// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/lanes.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace railyard::schedule {
namespace {

struct GroupHost {
  std::vector<uint32_t> members;  // in the group's order
  std::vector<uint32_t> nics;     // beside them, in the order in which they first occur
};

std::vector<GroupHost> hosts_of(const std::vector<RankLocation>& members, const HostShape& shape) {
  std::vector<GroupHost> hosts;
  std::unordered_map<uint32_t, size_t> index;
  for (uint32_t m = 0; m < members.size(); ++m) {
    const auto [entry, is_new] = index.try_emplace(members[m].host, hosts.size());
    if (is_new) hosts.emplace_back();
    GroupHost& host = hosts[entry->second];
    host.members.push_back(m);
    const uint32_t nic = shape.nic_of(members[m].gpu);
    if (std::find(host.nics.begin(), host.nics.end(), nic) == host.nics.end()) host.nics.push_back(nic);
  }
  return hosts;
}

// 1 where hosts have different numbers of members.
uint32_t members_per_host(const std::vector<GroupHost>& hosts) {
  const size_t first = hosts.front().members.size();
  for (const GroupHost& host : hosts)
    if (host.members.size() != first) return 1;
  return static_cast<uint32_t>(first);
}

// Whether the group's order goes host after host.
bool are_together(const std::vector<GroupHost>& hosts) {
  uint32_t next = 0;
  for (const GroupHost& host : hosts)
    for (const uint32_t member : host.members)
      if (member != next++) return false;
  return true;
}

void find_places(Lane& lane) {
  lane.place_of.resize(lane.member_at.size());
  for (uint32_t place = 0; place < lane.member_at.size(); ++place)
    lane.place_of[lane.member_at[place]] = place;
}

// The ring through each host's nth NIC.
Lane ring_by(uint32_t nth, const std::vector<GroupHost>& hosts, const std::vector<RankLocation>& members,
             const HostShape& shape) {
  Lane ring;
  ring.nic.resize(members.size());
  ring.per_host = members_per_host(hosts);
  for (const GroupHost& host : hosts) {
    const uint32_t nic = host.nics[nth];
    const auto entry = std::find_if(host.members.begin(), host.members.end(),
                                    [&](uint32_t m) { return shape.nic_of(members[m].gpu) == nic; });
    ring.member_at.insert(ring.member_at.end(), entry, host.members.end());
    ring.member_at.insert(ring.member_at.end(), host.members.begin(), entry);
    for (const uint32_t m : host.members) ring.nic[m] = nic;
  }
  find_places(ring);
  return ring;
}

}  // namespace

Lane group_order(uint32_t members) {
  Lane lane;
  lane.member_at.resize(members);
  std::iota(lane.member_at.begin(), lane.member_at.end(), 0);
  lane.place_of = lane.member_at;
  return lane;
}

Lane host_after_host(const std::vector<RankLocation>& members, const HostShape& shape) {
  std::vector<GroupHost> hosts = hosts_of(members, shape);
  Lane lane;
  lane.per_host = members_per_host(hosts);
  for (GroupHost& host : hosts) {
    std::stable_sort(host.members.begin(), host.members.end(),
                     [&](uint32_t a, uint32_t b) { return members[a].gpu < members[b].gpu; });
    lane.member_at.insert(lane.member_at.end(), host.members.begin(), host.members.end());
  }
  find_places(lane);
  return lane;
}

Lanes lay_lanes(const std::vector<RankLocation>& members, const HostShape& shape, uint32_t channels_per_nic) {
  Lanes lanes;
  lanes.pairs = group_order(static_cast<uint32_t>(members.size()));
  const std::vector<GroupHost> hosts = hosts_of(members, shape);
  lanes.hosts = static_cast<uint32_t>(hosts.size());
  lanes.pairs.per_host = are_together(hosts) ? members_per_host(hosts) : 1;
  size_t nics = hosts.size() == 1 ? 1 : shape.nics_per_host;
  for (const GroupHost& host : hosts) nics = std::min(nics, host.nics.size());
  const size_t rings = hosts.size() == 1 ? 1 : nics * channels_per_nic;
  for (size_t ring = 0; ring < rings; ++ring)
    lanes.rings.push_back(ring_by(static_cast<uint32_t>(ring % nics), hosts, members, shape));
  return lanes;
}

}  // namespace railyard::schedule
