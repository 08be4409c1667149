// SPDX-License-Identifier: BSD-3-Clause
// How PyTorch and NCCL name and print things in profiler traces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// What an operation's name says that it does.
enum class CommunicationKind : uint8_t { Collective, Send, Receive, Nothing, Unknown };

struct CommunicationName {
  CommunicationKind kind = CommunicationKind::Unknown;
  CollectiveKind collective = COLLECTIVE_UNSPECIFIED;
};

// "_allgather_base", "nccl:all_reduce", "c10d::alltoall_base_", ...; Nothing: a wait, which moves no data.
CommunicationName parse_communication_name(std::string_view name);

// An operator of PyTorch's NCCL process group, or of any library of collectives ("symm_mem::...").
bool is_nccl_operator(std::string_view name);
bool is_communication_operator(std::string_view name);

// Bytes of an element; 0 for a type that is not known. Takes c10 names ("BFloat16") and C++ names
// ("c10::BFloat16").
uint32_t element_size(std::string_view dtype);

// "[0, 1, 2]"; nothing where the list is cut ("[0, 1, ..., ...]") or no list. An empty text is an empty list.
std::optional<std::vector<uint32_t>> parse_list(std::string_view text);

}  // namespace railyard::trace
