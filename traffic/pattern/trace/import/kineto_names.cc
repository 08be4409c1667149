// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// Without prefix, case and underscores: "c10d::_allgather_base_" is "allgatherbase".
std::string bare_name(std::string_view name) {
  const size_t scope = name.rfind(':');
  if (scope != std::string_view::npos) name.remove_prefix(scope + 1);
  std::string bare = lower(name);
  bare.erase(std::remove(bare.begin(), bare.end(), '_'), bare.end());
  return bare;
}

}  // namespace

CommunicationName parse_communication_name(std::string_view name) {
  using K = CommunicationKind;
  static constexpr std::array<std::pair<std::string_view, CommunicationName>, 15> kStems = {{
      {"allreduce", {K::Collective, ALL_REDUCE}},
      {"allgather", {K::Collective, ALL_GATHER}},
      {"reducescatter", {K::Collective, REDUCE_SCATTER}},
      {"broadcast", {K::Collective, BROADCAST}},
      {"alltoall", {K::Collective, ALL_TO_ALL}},
      {"reduce", {K::Collective, REDUCE}},
      {"gather", {K::Collective, GATHER}},
      {"scatter", {K::Collective, SCATTER}},
      {"barrier", {K::Collective, BARRIER}},
      {"send", {K::Send, COLLECTIVE_UNSPECIFIED}},
      {"isend", {K::Send, COLLECTIVE_UNSPECIFIED}},
      {"recv", {K::Receive, COLLECTIVE_UNSPECIFIED}},
      {"irecv", {K::Receive, COLLECTIVE_UNSPECIFIED}},
      {"wait", {K::Nothing, COLLECTIVE_UNSPECIFIED}},
      {"init", {K::Nothing, COLLECTIVE_UNSPECIFIED}},
  }};
  const std::string bare = bare_name(name);
  for (const auto& [stem, meaning] : kStems) {
    if (starts_with(bare, stem)) return meaning;
  }
  // "multimem_one_shot_all_reduce", "fused_all_gather_matmul": the unmistakable ones anywhere.
  for (const std::string_view stem : {"allreduce", "allgather", "reducescatter", "alltoall"}) {
    if (bare.find(stem) == std::string::npos) continue;
    return std::find_if(kStems.begin(), kStems.end(), [&](const auto& row) { return row.first == stem; })
        ->second;
  }
  return {};
}

bool is_nccl_operator(std::string_view name) {
  return name == "record_param_comms" || starts_with(name, "nccl:") || starts_with(name, "c10d::");
}

bool is_communication_operator(std::string_view name) {
  if (is_nccl_operator(name)) return true;
  const CommunicationName what = parse_communication_name(name);
  // "aten::gather", "aten::scatter_add_" and "aten::broadcast_to" are local.
  return name.find("::") != std::string_view::npos && what.kind == CommunicationKind::Collective &&
         !has_root(what.collective);
}

uint32_t element_size(std::string_view dtype) {
  static constexpr std::array<std::pair<std::string_view, uint32_t>, 26> kSizes = {{
      {"float", 4},
      {"half", 2},
      {"bfloat16", 2},
      {"double", 8},
      {"byte", 1},
      {"char", 1},
      {"short", 2},
      {"int", 4},
      {"long", 8},
      {"bool", 1},
      {"longint", 8},
      {"unsignedchar", 1},
      {"signedchar", 1},
      {"shortint", 2},
      {"float8_e4m3fn", 1},
      {"float8_e5m2", 1},
      {"float8_e4m3fnuz", 1},
      {"float8_e5m2fnuz", 1},
      {"uint16", 2},
      {"uint32", 4},
      {"uint64", 8},
      {"complexfloat", 8},
      {"complexdouble", 16},
      {"unsignedshort", 2},
      {"unsignedint", 4},
      {"longlong", 8},
  }};
  std::string name = lower(dtype);
  if (starts_with(name, "c10::")) name.erase(0, 5);
  name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
  for (const auto& [known, size] : kSizes) {
    if (name == known) return size;
  }
  return 0;
}

std::optional<std::vector<uint32_t>> parse_list(std::string_view text) {
  std::vector<uint32_t> values;
  if (text.empty()) return values;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  const char* at = text.data() + 1;
  const char* const end = text.data() + text.size() - 1;
  while (at < end) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    uint32_t value = 0;
    const auto [next, failed] = std::from_chars(at, end, value);
    if (failed != std::errc()) return std::nullopt;
    values.push_back(value);
    at = next;
  }
  return values;
}

}  // namespace railyard::trace
