// SPDX-License-Identifier: BSD-3-Clause
// All-reduce by switches that add up what goes through them: each member sends its data once and gets the
// sum once. Within a host as NVLS: every GPU in turn speaks for a part of the data; the scale-up switch adds
// up the others' and gives it the sum, and copies to all what it sends back. Between hosts as SHARP: up a
// tree of switches and down again. Sources: Graham et al., "Scalable Hierarchical Aggregation Protocol
// (SHArP): A Hardware Architecture for Efficient Data Reduction", COMHPC 2016; NCCL 2.30,
// src/device/all_reduce.h (NVLS, CollNetChain), src/transport/nvls.cc.
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm in_network_all_reduce();

}  // namespace railyard::collective
