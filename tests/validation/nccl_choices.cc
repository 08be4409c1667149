// SPDX-License-Identifier: BSD-3-Clause
// Prints what the cost model chooses, for nccl_model.py to compare.
#include <fmt/format.h>

#include "traffic/pattern/collective/nccl_tuning.h"

int main() {
  using namespace railyard;
  using namespace railyard::collective;
  for (const Kind kind : {Kind::AllGather, Kind::ReduceScatter})
    if (is_offered(kind, TunedAlgorithm::Pat)) fmt::print("offered {} pat\n", name_of(kind));
  constexpr const char* kProtocols[] = {"simple", "ll", "ll128"};
  for (const Kind kind : {Kind::AllReduce, Kind::AllGather, Kind::ReduceScatter})
    for (const auto& [gpu, name] : {std::pair{GpuGeneration::Ampere, "ampere"},
                                    {GpuGeneration::Hopper, "hopper"},
                                    {GpuGeneration::Blackwell, "blackwell"}})
      for (const uint32_t gbps : {200u, 400u})
        for (uint32_t hosts = 2; hosts <= 128; hosts *= 2)
          for (const uint32_t gpus : {1u, 8u})
            for (uint64_t bytes = 8; bytes <= uint64_t{1} << 30; bytes *= 2) {
              TunedGroup group;
              group.hosts = hosts;
              group.ranks = hosts * gpus;
              group.nics = gpus;
              group.channels_per_nic = 2;
              group.nic_rate = BitRate::gigabits(gbps);
              group.scale_up_rate = BitRate::gigabits(3'600);
              group.gpu = gpu;
              const TunedChoice choice = fastest(kind, bytes, group);
              fmt::print("{} {} {} {} {} {} {} {} {:.6f}\n", name_of(kind), name, gbps, hosts, gpus, bytes,
                         name_of(choice.algorithm), kProtocols[static_cast<size_t>(choice.protocol)],
                         choice.microseconds);
              if (kind == Kind::AllReduce || gpus > 1) continue;
              const auto pat =
                  predicted_microseconds(kind, TunedAlgorithm::Pat, Protocol::Simple, bytes, group);
              fmt::print("pat {} {} {} {} {} {} {:.6f}\n", name_of(kind), name, gbps, hosts, gpus, bytes,
                         *pat);
            }
}
