// SPDX-License-Identifier: BSD-3-Clause
// What hosts are made of, and by which NIC a GPU sends: the only place that says so.
#pragma once

#include <cstdint>

#include "traffic/pattern/schedule/placement.h"
#include "traffic/units/quantity.h"

namespace railyard::schedule {

// An endpoint is a NIC of a host: host * nics_per_host + nic.
struct HostShape {
  uint32_t host_count = 0, nics_per_host = 1;
  uint32_t gpus_per_host = 1;
  BitRate scale_up_rate;  // each GPU's, to the others of its host; 0: none, the NICs carry it
  SimTime scale_up_latency;
  BitRate pcie_rate;  // at which a NIC reads a GPU's memory; 0: it never waits for it
  BitRate nic_rate;   // for whoever chooses by it; 0: not known

  bool has_scale_up() const { return scale_up_rate.bps != 0; }
  uint32_t nic_of(uint32_t gpu) const { return gpu % nics_per_host; }
  uint32_t endpoint_of(uint32_t host, uint32_t nic) const { return host * nics_per_host + nic; }
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
           a.scale_up_latency == b.scale_up_latency && a.pcie_rate == b.pcie_rate && a.nic_rate == b.nic_rate;
  }
};

}  // namespace railyard::schedule
