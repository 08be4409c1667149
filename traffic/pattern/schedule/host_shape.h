// SPDX-License-Identifier: BSD-3-Clause
// What hosts are made of, and by which NIC a GPU sends: the only place that says so.
#pragma once

#include <cstdint>
#include <memory>

#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/schedule/reducing_switches.h"
#include "traffic/units/quantity.h"

namespace railyard::schedule {

// An endpoint is a NIC of a host, host * nics_per_host + nic, or of a switch's reducer.
struct HostShape {
  uint32_t host_count = 0, nics_per_host = 1;
  uint32_t gpus_per_host = 1;
  BitRate scale_up_rate;  // each GPU's, to the others of its host; 0: none, the NICs carry it
  SimTime scale_up_latency;
  BitRate pcie_rate;  // at which a NIC reads a GPU's memory; 0: it never waits for it
  BitRate nic_rate;   // for whoever chooses by it; 0: not known
  bool scale_up_reduces = false;
  std::shared_ptr<const ReducingSwitches> reducing_switches = nullptr;  // null: the fabric's do not reduce

  // Hosts, and then the reducers of switches: where ranks are, whatever they are called.
  uint32_t station_count() const {
    return host_count + (reducing_switches == nullptr ? 0 : reducing_switches->count());
  }
  bool is_reducer(RankLocation at) const { return at.host >= host_count || at.gpu >= gpus_per_host; }
  RankLocation reducer_of_switch(uint32_t at) const { return {host_count + at, 0}; }
  RankLocation reducer_of_host(uint32_t host) const { return {host, gpus_per_host}; }

  bool has_scale_up() const { return scale_up_rate.bps != 0; }
  uint32_t nic_of(uint32_t gpu) const { return gpu % nics_per_host; }
  uint32_t endpoint_of(uint32_t station, uint32_t nic) const {
    return station < host_count ? station * nics_per_host + nic
                                : reducing_switches->first_endpoint[station - host_count] + nic;
  }
  uint32_t endpoint_of(RankLocation at) const { return endpoint_of(at.host, nic_of(at.gpu)); }

  // A message between two GPUs of different hosts. With `pxn` it leaves by the NIC on the receiver's rail, by
  // way of the GPU beside that NIC (NCCL 2.30, NCCL_P2P_PXN_LEVEL = 2).
  struct NicPair {
    uint32_t source, destination;
  };
  NicPair nics_between(RankLocation from, RankLocation to, bool pxn) const {
    const uint32_t destination = nic_of(to.gpu);
    return {pxn && has_scale_up() ? destination : nic_of(from.gpu), destination};
  }

  friend bool operator==(const HostShape& a, const HostShape& b) {
    return a.host_count == b.host_count && a.nics_per_host == b.nics_per_host &&
           a.gpus_per_host == b.gpus_per_host && a.scale_up_rate == b.scale_up_rate &&
           a.scale_up_latency == b.scale_up_latency && a.pcie_rate == b.pcie_rate &&
           a.nic_rate == b.nic_rate && a.scale_up_reduces == b.scale_up_reduces &&
           (a.reducing_switches == b.reducing_switches ||
            (a.reducing_switches != nullptr && b.reducing_switches != nullptr &&
             *a.reducing_switches == *b.reducing_switches));
  }
};

}  // namespace railyard::schedule
