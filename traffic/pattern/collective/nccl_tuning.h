// SPDX-License-Identifier: BSD-3-Clause
// NCCL's cost model: what it expects a collective to take under each algorithm and protocol, and so which it
// chooses. Source: NCCL 2.30, src/graph/tuning.cc: ncclTopoTuneModel and ncclTopoGetAlgoTime, for rings,
// trees and PAT (CollNet and NVLS are not offered here), with the channels' bandwidths of
// src/graph/search.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "traffic/pattern/collective/collective.h"
#include "traffic/units/quantity.h"

namespace railyard::collective {

enum class GpuGeneration : uint8_t { Volta, Ampere, Hopper, Blackwell };
enum class CpuVendor : uint8_t { Intel, Amd };

// What the model wants to know of a group's hosts.
struct TunedGroup {
  uint32_t ranks = 1, hosts = 1;
  uint32_t nics = 1;              // of each host, that the group uses
  uint32_t channels_per_nic = 1;  // that share a NIC's bandwidth
  BitRate nic_rate;
  BitRate scale_up_rate;  // 0: GPUs of a host reach each other over PCIe
  GpuGeneration gpu = GpuGeneration::Hopper;
  CpuVendor cpu = CpuVendor::Intel;
  bool reduces = false;  // whether in-network reduction is there for it
};

enum class TunedAlgorithm : uint8_t { Tree, Ring, Pat };

// "tree", "ring", "pat": as Algorithm::name.
std::string_view name_of(TunedAlgorithm algorithm);

// Whether there is an algorithm of that name for the kind.
bool is_offered(Kind kind, TunedAlgorithm algorithm);

// Microseconds; nothing where NCCL has no such way. `bytes` as nccl-tests counts them.
std::optional<double> predicted_microseconds(Kind kind, TunedAlgorithm algorithm, Protocol protocol,
                                             uint64_t bytes, const TunedGroup& group);

struct TunedChoice {
  TunedAlgorithm algorithm = TunedAlgorithm::Ring;
  Protocol protocol = Protocol::Simple;
  double microseconds = 0;
};

// The one that is predicted to take least, of those that are offered, with
// that algorithm and protocol where they are given.
TunedChoice fastest(Kind kind, uint64_t bytes, const TunedGroup& group,
                    std::optional<TunedAlgorithm> algorithm = {}, std::optional<Protocol> protocol = {});

}  // namespace railyard::collective
