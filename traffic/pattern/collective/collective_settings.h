// SPDX-License-Identifier: BSD-3-Clause
// What a user may say of how collectives are carried.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/collective/collective.h"
#include "traffic/pattern/collective/nccl_tuning.h"
#include "traffic/units/quantity.h"

namespace railyard {

// As NCCL_PROTO has it, in the order of collective::Protocol; Auto: by NCCL's cost model.
enum class ProtocolChoice : uint8_t { Simple, LL, LL128, Auto };

// Whose messages wait until their receiver has granted them: nobody's, those that NCCL sends, or all, also
// what workloads send between ranks.
enum class ClearToSend : uint8_t { None, Nccl, All };

struct CollectiveSettings {
  // By kind: index in algorithm_names().
  std::array<uint32_t, collective::kKinds> algorithms{};
  ProtocolChoice protocol = ProtocolChoice::Simple;
  uint32_t channels_per_nic = 1;
  uint32_t queue_pairs = 1;  // of a connection between hosts
  bool split_data = false;   // every message over all of them, else message after message in turn
  bool pxn = true;
  uint32_t p2p_channels = 1;     // of a pair of ranks, beside what queue_pairs says
  Bytes p2p_chunk{128 << 10};    // of a message between two ranks, at most; 0: whole
  uint32_t receiver_slots = 16;  // chunks that a channel's receive buffer holds
  ClearToSend clear_to_send = ClearToSend::None;
  std::string tuner;       // a tuner's table in one line, as collective::parse_tuner_table(); empty: none
  std::string custom;      // an MSCCL algorithm's XML in one line; empty: none
  SimTime launch_latency;  // before a collective's first message
  SimTime proxy_latency;   // before a message is posted to a NIC
  BitRate reduction_rate;  // at which a GPU reduces, or copies, what came; 0: in no time
  collective::GpuGeneration gpu = collective::GpuGeneration::Hopper;
  collective::CpuVendor cpu = collective::CpuVendor::Intel;

  uint32_t& algorithm(collective::Kind kind) { return algorithms[static_cast<size_t>(kind)]; }
  std::string_view algorithm_name(collective::Kind kind) const;

  friend bool operator==(const CollectiveSettings& a, const CollectiveSettings& b) {
    return a.algorithms == b.algorithms && a.protocol == b.protocol &&
           a.channels_per_nic == b.channels_per_nic && a.queue_pairs == b.queue_pairs &&
           a.split_data == b.split_data && a.pxn == b.pxn && a.p2p_channels == b.p2p_channels &&
           a.p2p_chunk == b.p2p_chunk && a.receiver_slots == b.receiver_slots &&
           a.clear_to_send == b.clear_to_send && a.launch_latency == b.launch_latency &&
           a.proxy_latency == b.proxy_latency && a.reduction_rate == b.reduction_rate && a.tuner == b.tuner &&
           a.custom == b.custom && a.gpu == b.gpu && a.cpu == b.cpu;
  }
};

// The algorithms of that kind, the default first; where NCCL's cost model knows several, also "auto".
const std::vector<std::string_view>& algorithm_names(collective::Kind kind);

// False where the kind has no algorithm of that name.
bool choose_algorithm(CollectiveSettings& settings, collective::Kind kind, std::string_view name);

const std::vector<Parameter<CollectiveSettings>>& parameters_of(const CollectiveSettings*);

}  // namespace railyard
