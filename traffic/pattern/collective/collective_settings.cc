// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/collective_settings.h"

#include "traffic/pattern/collective/algorithm.h"

namespace railyard {
namespace {

using S = CollectiveSettings;

constexpr std::string_view kOurs = "Railyard's default";
constexpr double kSecond = 1e12;  // in picoseconds

}  // namespace

std::vector<std::string_view> all_reduce_names() {
  std::vector<std::string_view> names;
  for (const collective::Algorithm& algorithm : collective::algorithms())
    if (algorithm.kind == collective::Kind::AllReduce) names.push_back(algorithm.name);
  names.push_back("auto");
  return names;
}

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = {
      {"all_reduce", &S::all_reduce, 0, static_cast<double>(all_reduce_names().size() - 1),
       "Algorithm of all-reduce; auto takes, size by size, the one that NCCL's cost model expects to be "
       "fastest",
       kOurs, all_reduce_names()},
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
      {"launch_latency", &S::launch_latency, 0, kSecond,
       "Between a rank's reaching a collective and its first message", kOurs},
      {"proxy_latency", &S::proxy_latency, 0, kSecond,
       "Between a message's being ready on a GPU and its post to the NIC", kOurs},
      {"gpu",
       &S::gpu,
       "Generation of the GPUs, for auto",
       "NCCL 2.30, tuning.cc",
       {"volta", "ampere", "hopper", "blackwell"}},
      {"cpu", &S::cpu, "Whose processors the hosts have, for auto", "NCCL 2.30, tuning.cc", {"intel", "amd"}},
  };
  return rows;
}

}  // namespace railyard
