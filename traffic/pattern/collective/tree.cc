// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/tree.h"

#include <algorithm>
#include <array>

namespace railyard::collective {
namespace {

enum Strand : uint32_t { Up, Down, kStrands };

// A node's place in a binary tree over `n`, as 0 is its root's: the parent of node i has i's lowest bit
// cleared and the next one set, where that is a node.
struct Node {
  uint32_t parent = kNobody;
  std::array<uint32_t, 2> children = {kNobody, kNobody};
};

Node binary_tree(uint32_t n, uint32_t node) {
  uint32_t bit = 1;
  while (bit < n && (node & bit) == 0) bit <<= 1;
  if (node == 0) return {kNobody, {n > 1 ? bit >> 1 : kNobody, kNobody}};
  Node result;
  result.parent = (node ^ bit) | bit << 1;
  if (result.parent >= n) result.parent = node ^ bit;
  uint32_t low = bit >> 1;
  if (low == 0) return result;
  result.children[0] = node - low;
  for (; low > 0 && node + low >= n; low >>= 1) {
  }
  if (low > 0) result.children[1] = node + low;
  return result;
}

// The second tree is the first one mirrored, or with an odd number of nodes moved on by one.
uint32_t in_tree(uint32_t n, uint32_t node, bool second) {
  if (!second) return node;
  return n % 2 == 0 ? n - 1 - node : (node + n - 1) % n;
}
uint32_t out_of_tree(uint32_t n, uint32_t node, bool second) {
  if (!second || node == kNobody) return node;
  return n % 2 == 0 ? n - 1 - node : (node + 1) % n;
}

// Whom a member is connected with: a host's first to those of other hosts, everybody to the next of the host.
struct Place {
  uint32_t parent = kNobody;
  std::array<uint32_t, 3> children{};
  uint32_t child_count = 0;
};

Place place_of(const Call& call) {
  const uint32_t hosts = call.size / call.per_host, host = call.me / call.per_host;
  const bool second = call.lane % 2 == 1;
  Place place;
  if (call.me % call.per_host == 0) {
    const Node node = binary_tree(hosts, in_tree(hosts, host, second));
    const auto first_of = [&](uint32_t in) {
      const uint32_t out = out_of_tree(hosts, in, second);
      return out == kNobody ? kNobody : out * call.per_host;
    };
    place.parent = first_of(node.parent);
    for (const uint32_t child : node.children)
      if (child != kNobody) place.children[place.child_count++] = first_of(child);
  } else {
    place.parent = call.me - 1;
  }
  if ((call.me + 1) % call.per_host != 0) place.children[place.child_count++] = call.me + 1;
  return place;
}

uint64_t chunks(const Call& call) {
  return call.size < 2 ? 0 : divide_up(call.bytes, call.options.chain_slice_bytes);
}

// Steps of a chunk: one a child, where the last sends up, or the first receives from above; at least one.
uint64_t steps_of_chunk(const Place& place) {
  return std::max<uint64_t>(1, place.child_count);
}

uint64_t step_count(const Call& call) {
  return chunks(call) * steps_of_chunk(place_of(call));
}

uint64_t receive_count(const Call& call) {
  const Place place = place_of(call);
  if (call.strand == Up) return chunks(call) * place.child_count;
  return place.parent == kNobody ? 0 : chunks(call);
}

Step step(const Call& call, uint64_t index) {
  const Place place = place_of(call);
  const uint64_t steps = steps_of_chunk(place), nth = index % steps, first = index - nth,
                 last = first + steps - 1;
  const Part chunk = part_of(call.bytes, chunks(call), index / steps);
  const auto message = [&](uint32_t peer) { return Message{peer, chunk.offset, chunk.bytes}; };
  Step step;
  if (call.strand == Up) {
    step.reduce = true;
    if (nth < place.child_count) step.receive = message(place.children[nth]);
    if (index == last && place.parent != kNobody) {
      step.send = message(place.parent);
      if (place.child_count > 0) step.send_needs = last;
    }
    return step;
  }
  if (nth == 0 && place.parent != kNobody) step.receive = message(place.parent);
  if (nth < place.child_count) {
    step.send = message(place.children[nth]);
    // The root's chunk is whole when all of it has come up.
    step.send_needs = place.parent == kNobody ? last : first;
    step.needed_strand = place.parent == kNobody ? Up : Down;
  }
  return step;
}

uint32_t window(const Call& call) {
  const uint32_t connections = call.strand == Up ? 1 : std::max(1u, place_of(call).child_count);
  return connections * slots_of(call.options, call.options.chain_slice_bytes);
}

std::vector<uint32_t> peers(const Call& call) {
  if (call.size < 2 || call.bytes == 0) return {};
  const Place place = place_of(call);
  if (call.strand == Up) return place.parent == kNobody ? std::vector<uint32_t>() : std::vector{place.parent};
  std::vector<uint32_t> children(place.children.begin(), place.children.begin() + place.child_count);
  std::sort(children.begin(), children.end());
  return children;
}

}  // namespace

Algorithm tree_all_reduce() {
  return {"tree", Kind::AllReduce, Lanes::Rings, kStrands, step_count, receive_count, step, window, peers};
}

}  // namespace railyard::collective
