// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/path.h"

#include <algorithm>

#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

// A run of packets of one length.
struct Train {
  uint64_t packets;
  uint32_t frame_bytes;
};

// The frames of a message: a first with its RETH, full ones, and what is left.
std::vector<Train> segment(uint64_t message, uint32_t mtu) {
  const uint64_t packets = message == 0 ? 1 : (message + mtu - 1) / mtu;
  const auto last_payload = static_cast<uint32_t>(message - (packets - 1) * mtu);
  if (packets == 1) {
    return {{1, wire::data_frame_bytes(last_payload, true)}};
  }
  std::vector<Train> trains{{1, wire::data_frame_bytes(mtu, true)}};
  if (packets > 2) {
    trains.push_back({packets - 2, wire::data_frame_bytes(mtu, false)});
  }
  trains.push_back({1, wire::data_frame_bytes(last_payload, false)});
  return trains;
}

// When the last frame has left the last link, fixed latencies aside. A link starts a frame when the
// frame has come and the one before has gone, so the finish is the longest walk through the table
// of frames and links, a step going to the next link or to the next frame. Within a train of equal
// frames the longest walk changes frames on its slowest link only, which is why a train costs the
// same whatever its length.
SimTime longest_walk(const std::vector<Train>& trains, const std::vector<int64_t>& ps_per_byte) {
  const size_t links = ps_per_byte.size();
  std::vector<SimTime> finish(links);  // of the train before, by link: walks that end there
  for (const Train& train : trains) {
    std::vector<SimTime> next(links);
    for (size_t from = 0; from < links; ++from) {
      SimTime walk = finish[from];
      SimTime slowest;
      for (size_t to = from; to < links; ++to) {
        const SimTime hold = serialisation_time(train.frame_bytes, ps_per_byte[to]);
        walk += hold;
        slowest = std::max(slowest, hold);
        const auto repeats = static_cast<int64_t>(train.packets - 1);
        next[to] = std::max(next[to], walk + slowest * repeats);
      }
    }
    finish = std::move(next);
  }
  return finish.back();
}

}  // namespace

FabricPaths::FabricPaths(const FabricPlan& plan, const NicSettings& nics, const SwitchSettings& switches)
    : plan_(plan),
      adjacency_(plan),
      mtu_(nics.mtu),
      nic_latency_(nics.nic_latency),
      pipeline_latency_(switches.pipeline_latency) {}

std::vector<uint32_t> FabricPaths::links_between(uint32_t source_endpoint,
                                                 uint32_t destination_endpoint) const {
  const FabricPort destination = plan_.port_of(destination_endpoint);
  FabricPort out = plan_.port_of(source_endpoint);
  std::vector<uint32_t> links;
  if (source_endpoint == destination_endpoint || adjacency_.link_of(out) == FabricAdjacency::kNoLink)
    return links;
  while (true) {
    links.push_back(adjacency_.link_of(out));
    const FabricPort in = adjacency_.peer_of(out);
    if (in.node == destination.node) return links;
    const FabricRoutes& routes = plan_.routes[in.node];
    const uint16_t group = routes.group_of[destination_endpoint];
    if (group == FabricRoutes::kNoRoute) {
      return {};
    }
    out = {in.node, routes.groups[group].front()};
  }
}

SimTime FabricPaths::fixed_latency(const std::vector<uint32_t>& links) const {
  SimTime sum = nic_latency_ + pipeline_latency_ * static_cast<int64_t>(links.size() - 1);
  for (uint32_t link : links) sum += plan_.links[link].propagation;
  return sum;
}

std::vector<int64_t> FabricPaths::ps_per_byte(const std::vector<uint32_t>& links) const {
  std::vector<int64_t> ps_per_byte;
  for (uint32_t link : links) ps_per_byte.push_back(plan_.links[link].rate.ps_per_byte());
  return ps_per_byte;
}

SimTime FabricPaths::completion_time(uint32_t source_endpoint, uint32_t destination_endpoint,
                                     Bytes message) const {
  const std::vector<uint32_t> links = links_between(source_endpoint, destination_endpoint);
  if (links.empty()) {
    return {};
  }
  return fixed_latency(links) + longest_walk(segment(message.n, mtu_), ps_per_byte(links));
}

}  // namespace railyard
