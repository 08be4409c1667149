// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/collective_settings.h"

#include <algorithm>
#include <iterator>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard {
namespace {

using S = CollectiveSettings;
using collective::Kind;

constexpr std::string_view kOurs = "Railyard's default";
constexpr double kSecond = 1e12;  // in picoseconds
constexpr double kGibi = 1 << 30;

// Of which NCCL's cost model knows several algorithms.
constexpr Kind kTuned[] = {Kind::AllReduce, Kind::AllGather, Kind::ReduceScatter};

// A row for each kind that has a choice.
std::vector<Parameter<S>> rows_of_algorithms() {
  std::vector<Parameter<S>> rows;
  for (size_t k = 0; k < collective::kKinds; ++k) {
    const auto kind = static_cast<Kind>(k);
    const bool is_tuned = std::find(std::begin(kTuned), std::end(kTuned), kind) != std::end(kTuned);
    if (algorithm_names(kind).size() < 2) continue;
    rows.push_back({name_of(kind), [kind](S& settings) { return ChoiceField::of(&settings.algorithm(kind)); },
                    0, 0,
                    is_tuned ? "Algorithm of these collectives; auto takes, size by size, the one that "
                               "NCCL's cost model expects to be fastest"
                             : "Algorithm of these collectives",
                    kOurs, algorithm_names(kind)});
  }
  return rows;
}

std::vector<Parameter<S>> rows_of_messages() {
  return {
      {"protocol",
       &S::protocol,
       "simple sends slices as they are; ll sends twice the bytes in slices of 32 KiB, ll128 16/15 of them "
       "in slices "
       "of 576 kB; auto is NCCL's choice",
       "NCCL 2.30, device.h",
       {"simple", "ll", "ll128", "auto"}},
      {"channels_per_nic", &S::channels_per_nic, 1, 32,
       "Rings that a group's collectives form through each NIC of its hosts; NCCL doubles them where it has "
       "few",
       kOurs},
      {"queue_pairs", &S::queue_pairs, 1, 128, "Queue pairs of each connection between hosts",
       "NCCL_IB_QPS_PER_CONNECTION = 1"},
      {"split_data", &S::split_data, 0, 1,
       "Send every message in equal parts over all queue pairs of its connection, instead of message after "
       "message "
       "in turn",
       "NCCL_IB_SPLIT_DATA_ON_QPS = 0"},
      {"pxn", &S::pxn, 0, 1,
       "Messages between pairs leave by the NIC on the receiver's rail, by way of the GPU beside it; where "
       "hosts have "
       "scale-up links",
       "NCCL_PXN_DISABLE = 0"},
      {"p2p_channels", &S::p2p_channels, 1, 16,
       "Channels over which the messages of each pair of ranks in all-to-all are spread; NCCL has one where "
       "a "
       "communicator is large, up to one for every 14 GB/s of a NIC where it is small",
       "NCCL 2.30, paths.cc, ncclTopoComputeP2pChannels"},
      {"p2p_chunk", &S::p2p_chunk, 0, kGibi,
       "Chunk of a message between two ranks, in all-to-all or sent by itself; halved for messages of less "
       "than "
       "eight, quartered for those of less than one; 0: messages are whole",
       "NCCL_P2P_NET_CHUNKSIZE = 131072"},
      {"receiver_slots", &S::receiver_slots, 1, 65'536,
       "Chunks that a rank's receive buffer holds, shared by those from whom it gets messages at once; each "
       "has "
       "one at least and eight at most",
       "NCCL 2.30, net.cc, NCCL_SHARED_STEPS = 16"},
      {"clear_to_send",
       &S::clear_to_send,
       "Messages wait for their receiver's grant, a message of 64 bytes for each: none do, those that NCCL "
       "sends "
       "(collectives, and sends of captures and language models), or all, cut in chunks like NCCL's",
       "NCCL 2.30, net_ib, ncclIbPostFifo",
       {"none", "nccl", "all"}},
  };
}

std::vector<Parameter<S>> rows_of_hosts() {
  return {
      {"launch_latency", &S::launch_latency, 0, kSecond,
       "Between a rank's reaching a collective and its first message", kOurs},
      {"proxy_latency", &S::proxy_latency, 0, kSecond,
       "Between a message's being ready on a GPU and its post to the NIC", kOurs},
      {"reduction_rate", &S::reduction_rate, 0, kUnlimited,
       "At which a GPU reduces or copies what came in a collective, message after message, before it passes "
       "it on; "
       "0: in no time",
       kOurs},
      {"tuner", &S::tuner, 0, 0,
       "Table of NCCL's example tuner plugin: its file, or its rows between semicolons; the first row that "
       "matches "
       "says algorithm, protocol and channels",
       "NCCL 2.30, ext-tuner/example, nccl_tuner.conf"},
      {"custom", &S::custom, 0, 0,
       "Algorithm of msccl-tools in XML: its file, or the XML; it carries the collectives of its kind, "
       "number of "
       "ranks and range of bytes",
       "RCCL, mscclAlgoMeta"},
      {"gpu",
       &S::gpu,
       "Generation of the GPUs, for auto",
       "NCCL 2.30, tuning.cc",
       {"volta", "ampere", "hopper", "blackwell"}},
      {"cpu", &S::cpu, "Whose processors the hosts have, for auto", "NCCL 2.30, tuning.cc", {"intel", "amd"}},
  };
}

}  // namespace

const std::vector<std::string_view>& algorithm_names(Kind kind) {
  static const auto all = [] {
    std::array<std::vector<std::string_view>, collective::kKinds> names;
    for (const collective::Algorithm& algorithm : collective::algorithms())
      names[static_cast<size_t>(algorithm.kind)].push_back(algorithm.name);
    for (const Kind kind : kTuned) names[static_cast<size_t>(kind)].push_back("auto");
    return names;
  }();
  return all[static_cast<size_t>(kind)];
}

bool choose_algorithm(S& settings, Kind kind, std::string_view name) {
  const std::vector<std::string_view>& names = algorithm_names(kind);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return false;
  settings.algorithm(kind) = static_cast<uint32_t>(found - names.begin());
  return true;
}

std::string_view S::algorithm_name(Kind kind) const {
  return algorithm_names(kind)[algorithms[static_cast<size_t>(kind)]];
}

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = [] {
    std::vector<Parameter<S>> rows = rows_of_algorithms();
    for (const auto& more : {rows_of_messages(), rows_of_hosts()})
      rows.insert(rows.end(), more.begin(), more.end());
    return rows;
  }();
  return rows;
}

}  // namespace railyard
