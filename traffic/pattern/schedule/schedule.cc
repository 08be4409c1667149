// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/schedule.h"

#include <algorithm>
#include <iterator>

namespace railyard::schedule {

const Operation& Schedule::operation(uint32_t number) const {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), number,
                       [](uint32_t n, const OperationRange& range) { return n < range.first; });
  const OperationRange& range = *std::prev(after);
  return operation_of(range, number - range.first);
}

std::string Schedule::name_of(uint32_t rank) const {
  const bool is_rank = rank < rank_count();
  return (is_rank ? "rank " : "reducer ") + std::to_string(is_rank ? rank : rank - rank_count());
}

namespace {

// The last mesh that begins at this channel or before; null where none does.
const Mesh* last_mesh(const std::vector<Mesh>& meshes, uint32_t number) {
  const auto after = std::upper_bound(meshes.begin(), meshes.end(), number,
                                      [](uint32_t n, const Mesh& mesh) { return n < mesh.first_channel; });
  return after == meshes.begin() ? nullptr : &*std::prev(after);
}

}  // namespace

uint32_t Schedule::channel_count() const {
  const auto held = static_cast<uint32_t>(channels.size());
  if (meshes.empty()) return held;
  const Mesh& last = meshes.back();
  return static_cast<uint32_t>(last.first_channel + last.channels.count() + (held - last.held_before));
}

const Mesh* Schedule::mesh_of(uint32_t number) const {
  if (meshes.empty()) return nullptr;
  const Mesh* const mesh = last_mesh(meshes, number);
  return mesh != nullptr && number - mesh->first_channel < mesh->channels.count() ? mesh : nullptr;
}

uint32_t Schedule::held_index(uint32_t number) const {
  if (meshes.empty()) return number;
  const Mesh* const mesh = last_mesh(meshes, number);
  if (mesh == nullptr) return number;
  const uint64_t within = number - mesh->first_channel;
  if (within < mesh->channels.count()) return kNone;
  return static_cast<uint32_t>(mesh->held_before + within - mesh->channels.count());
}

Channel Schedule::channel(uint32_t number) const {
  const Mesh* const mesh = mesh_of(number);
  if (mesh == nullptr) return channels[held_index(number)];
  const PairNumbers::Pair pair = mesh->channels.pair_of(number - mesh->first_channel);
  const Mesh::Member &source = mesh->members[pair.source], &destination = mesh->members[pair.destination];
  Channel channel;
  channel.src_rank = source.rank;
  channel.dst_rank = destination.rank;
  channel.communicator = mesh->communicator;
  channel.dst_slot = kNone;
  channel.src_strand = source.strand;
  channel.dst_strand = destination.strand;
  channel.src_place = pair.source;
  channel.dst_place = pair.destination;
  channel.connection_size = mesh->connection_size(pair.source, pair.destination);
  channel.grants = pair.index == channel.connection_size;
  if (!mesh->channels.same_host(pair.source, pair.destination)) {
    channel.src_nic = mesh->by_rail ? destination.nic : source.nic;
    channel.dst_nic = destination.nic;
    // Back to where what it grants comes from.
    if (channel.grants) {
      channel.src_nic = source.nic;
      channel.dst_nic = mesh->by_rail ? source.nic : destination.nic;
    }
  }
  return channel;
}

}  // namespace railyard::schedule
