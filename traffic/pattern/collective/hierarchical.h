// SPDX-License-Identifier: BSD-3-Clause
// Collectives in two levels: hosts, and the members of each, of which the nth of every host are on one rail.
// Where hosts have different numbers of members, every member counts as a host.
//
// All-reduce: a ring reduce-scatter within each host, ring all-reduces of the parts along the rails, a ring
// all-gather within each host, one after another. Source: Cho, Finkler, Serrano, Kung and Hunter,
// "BlueConnect: Decomposing all-reduce for deep learning on heterogeneous network hierarchy", MLSys 2019;
// NCCL has none (its rings and trees go through hosts instead).
//
// All-to-all, with even or uneven splits: what goes to the nth members of all hosts is given to the nth of
// one's own, who then sends one message to each other host, with what it has of all its host's. Source:
// Nie et al., "HetuMoE", arXiv 2203.14685, section 3.2; Hwang et al., "Tutel", MLSys 2023, section 3.4 (2DH).
#pragma once

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

Algorithm hierarchical_all_reduce();
Algorithm hierarchical_all_to_all();

}  // namespace railyard::collective
