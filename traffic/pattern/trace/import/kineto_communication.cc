// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_communication.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "traffic/pattern/trace/import/communication_kernels.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/split_sizes.h"
#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 50;
constexpr int64_t kMaxGroup = int64_t{1} << 20;
// c10d:: > record_param_comms > nccl: are three levels; coalesced calls nest a few more.
constexpr size_t kMaxNested = 64;

constexpr const char* kNoArguments =
    "neither its arguments nor the operator that launched it are in the capture; record shapes, and launch "
    "without "
    "CUDA graphs";

uint64_t time_of(const KinetoDeviceOperation& kernel) {
  return kernel.joined ? 0 : static_cast<uint64_t>(kernel.end_ns - kernel.start_ns);
}

bool covers(const KinetoHostOperation& operation, const KinetoInstant& instant) {
  return operation.thread == instant.thread && operation.start_ns <= instant.at_ns &&
         instant.at_ns <= operation.end_ns;
}

// As nccl-tests counts; -1 where the sizes are missing.
int64_t elements_of(CollectiveKind kind, const KinetoArguments& a, int64_t group_size) {
  const bool has_in = a.in_elements >= 0;
  const bool has_out = a.out_elements >= 0;
  switch (kind) {
    case ALL_GATHER:
      if (has_out) return a.out_elements;
      return has_in && group_size > 0 && a.in_elements <= kMaxElements / group_size
                 ? a.in_elements * group_size
                 : -1;
    case REDUCE_SCATTER:
      if (has_in) return a.in_elements;
      return has_out && group_size > 0 && a.out_elements <= kMaxElements / group_size
                 ? a.out_elements * group_size
                 : -1;
    case BROADCAST:
    case REDUCE:
      return std::max(a.in_elements, a.out_elements);
    case GATHER:  // as PyTorch records it on every rank, not on the root alone
      return has_in && group_size > 0 && a.in_elements <= kMaxElements / group_size
                 ? a.in_elements * group_size
                 : a.out_elements;
    case SCATTER:
      return has_out && group_size > 0 && a.out_elements <= kMaxElements / group_size
                 ? a.out_elements * group_size
                 : a.in_elements;
    case BARRIER:
      return 0;
    default:
      return has_in ? a.in_elements : a.out_elements;
  }
}

}  // namespace

KinetoCommunications::KinetoCommunications(const KinetoFile& file, uint32_t rank, GroupTable& groups,
                                           WarningCounter& warnings, CommunicationLedger& ledger)
    : file_(file),
      rank_(rank),
      groups_(groups),
      warnings_(warnings),
      ledger_(ledger),
      launches_kernel_(file.host_operations.size(), false),
      sent_(file.host_operations.size(), false) {
  for (size_t i = 0; i < file.host_operations.size(); ++i)
    operators_[file.host_operations[i].thread].push_back(i);
  for (auto& [thread, indices] : operators_) {
    std::stable_sort(indices.begin(), indices.end(), [&](size_t a, size_t b) {
      return file.host_operations[a].start_ns < file.host_operations[b].start_ns;
    });
  }
}

// Innermost first: operators of a thread nest.
std::vector<size_t> KinetoCommunications::enclosing(const KinetoInstant& instant) const {
  std::vector<size_t> found;
  const auto thread = operators_.find(instant.thread);
  if (thread == operators_.end()) return found;
  const std::vector<size_t>& all = thread->second;
  auto at = std::upper_bound(all.begin(), all.end(), instant.at_ns, [&](int64_t time, size_t i) {
    return time < file_.host_operations[i].start_ns;
  });
  for (size_t seen = 0; at != all.begin() && seen < kMaxNested; ++seen) {
    --at;
    if (covers(file_.host_operations[*at], instant)) found.push_back(*at);
  }
  return found;
}

bool KinetoCommunications::within_launching_operator(const KinetoInstant& instant) const {
  const std::vector<size_t> operators = enclosing(instant);
  return std::any_of(operators.begin(), operators.end(), [&](size_t i) { return launches_kernel_[i]; });
}

KinetoArguments KinetoCommunications::find_arguments(const KinetoDeviceOperation& kernel) {
  KinetoArguments found = kernel.arguments;
  const auto launch = file_.launches.find(kernel.correlation);
  if (launch == file_.launches.end()) return found;
  for (const size_t i : enclosing(launch->second)) {
    launches_kernel_[i] = true;
    const KinetoHostOperation& operation = file_.host_operations[i];
    if (!found.collective.empty()) continue;
    if (!operation.arguments.collective.empty()) {
      found = operation.arguments;
      continue;
    }
    // c10d's tensors are outputs and inputs, in an order of their own.
    const bool has_tensors = operation.arguments.from_tensors && operation.name.rfind("c10d::", 0) != 0;
    if (found.in_elements < 0 && has_tensors) {
      found = operation.arguments;
      if (parse_communication_name(operation.name).kind != CommunicationKind::Unknown)
        found.collective = operation.name;
    }
  }
  return found;
}

tl::expected<uint32_t, std::string> KinetoCommunications::group_of(const KinetoDeviceOperation& kernel,
                                                                   const KinetoArguments& a) {
  std::vector<uint32_t> ranks = parse_list(a.group_ranks).value_or(std::vector<uint32_t>());
  if (ranks.empty() && a.first_rank >= 0 && a.rank_stride > 0 && a.group_size > 0 &&
      a.group_size <= kMaxGroup) {
    for (int64_t i = 0; i < a.group_size; ++i)
      ranks.push_back(static_cast<uint32_t>(a.first_rank + i * a.rank_stride));
  }
  for (const KinetoGroup& group : file_.groups) {
    if (ranks.empty() && group.name == a.group_name) ranks = group.ranks;
  }
  const bool is_world = a.group_size < 0 || a.group_size == static_cast<int64_t>(file_.world_size);
  if (ranks.empty() && !is_world) {
    return tl::make_unexpected(
        fmt::format("{}: {} runs in process group '{}' of {} ranks, and the file does not say which (its "
                    "list is cut or missing): "
                    "capture with a newer PyTorch (2.4 or later)",
                    file_.path, kernel.name, a.group_name, a.group_size));
  }
  std::vector<uint32_t> world(ranks.size() == file_.world_size ? ranks.size() : 0);
  std::iota(world.begin(), world.end(), 0U);
  if (ranks == world) ranks.clear();  // files whose list is cut must come to the same group
  return groups_.index_of(a.group_label.empty() ? a.group_name : a.group_label, std::move(ranks));
}

std::optional<Operation> KinetoCommunications::leave_out(const KinetoDeviceOperation& kernel,
                                                         const std::string& reason) {
  ledger_.leave_out(fmt::format("{} ({})", short_kernel_name(kernel.name), kernel.library), reason,
                    time_of(kernel));
  return std::nullopt;
}

std::optional<Operation> KinetoCommunications::attribute(const KinetoDeviceOperation& kernel,
                                                         std::optional<Operation> operation) {
  ledger_.attribute(time_of(kernel));
  return operation;
}

std::optional<Operation> KinetoCommunications::point_to_point(const KinetoDeviceOperation& kernel, bool sends,
                                                              const KinetoArguments& a, uint32_t element) {
  const int64_t peer = sends ? a.destination : a.source;
  const int64_t elements = std::max(a.in_elements, a.out_elements);
  if (peer < 0 || peer > kMaxGroup || elements < 0 || elements > kMaxElements)
    return leave_out(kernel,
                     fmt::format("the peer or the size of the {} is not in the capture", a.collective));
  if (elements == 0) return attribute(kernel, std::nullopt);
  Operation operation;
  operation.set_name(a.collective);
  const uint64_t bytes = static_cast<uint64_t>(elements) * element;
  if (sends) {
    operation.mutable_send()->set_peer(static_cast<uint32_t>(peer));
    operation.mutable_send()->set_bytes(bytes);
  } else {
    operation.mutable_receive()->set_peer(static_cast<uint32_t>(peer));
    operation.mutable_receive()->set_bytes(bytes);
  }
  return attribute(kernel, std::move(operation));
}

void KinetoCommunications::set_splits(const KinetoArguments& a, Collective& collective) {
  const auto splits = parse_list(a.in_split);
  if (a.from_tensors || !splits ||
      (!splits->empty() && static_cast<int64_t>(splits->size()) != a.group_size)) {
    warnings_.add("all-to-all whose split sizes are not in the file: equal ones are assumed");
  } else if (!set_split_bytes(*splits, collective)) {
    warnings_.add("all-to-all whose split sizes are all zero: equal ones are assumed");
  }
}

// symm_mem's operators name their group; a custom all-reduce does not, and runs in the one group that the
// rank shares with others, where there is one only.
std::optional<std::vector<uint32_t>> KinetoCommunications::ranks_of_operator(
    const KinetoHostOperation& operation, std::string& group_name) const {
  if (operation.name.rfind("symm_mem::", 0) == 0) {
    for (const KinetoGroup& group : file_.groups) {
      const auto& inputs = operation.arguments.concrete;
      if (group.name.empty() || std::find(inputs.begin(), inputs.end(), group.name) == inputs.end()) continue;
      group_name = group.name;
      return group.ranks;
    }
  }
  std::optional<std::vector<uint32_t>> only;
  for (const KinetoGroup& group : file_.groups) {
    const bool is_member = std::find(group.ranks.begin(), group.ranks.end(), rank_) != group.ranks.end();
    if (group.ranks.size() < 2 || !is_member) continue;
    if (only && *only != group.ranks) return std::nullopt;
    only = group.ranks;
  }
  group_name = "custom all-reduce";
  return only;
}

// A kernel of another library: its operator's tensors say what is sent, with the first of its kernels.
std::optional<Operation> KinetoCommunications::read_operator(const KinetoDeviceOperation& kernel) {
  const auto launch = file_.launches.find(kernel.correlation);
  if (launch == file_.launches.end()) return leave_out(kernel, kNoArguments);
  for (const size_t i : enclosing(launch->second)) {
    const KinetoHostOperation& operation = file_.host_operations[i];
    const CommunicationName what = parse_communication_name(operation.name);
    const uint32_t element = element_size(operation.arguments.dtype);
    if (is_nccl_operator(operation.name) || what.kind != CommunicationKind::Collective ||
        has_root(what.collective) || what.collective == BARRIER || !operation.arguments.from_tensors ||
        element == 0)
      continue;
    launches_kernel_[i] = true;
    std::string group_name;
    auto ranks = ranks_of_operator(operation, group_name);
    if (!ranks) return leave_out(kernel, "the capture does not say which ranks take part");
    if (sent_[i]) return attribute(kernel, std::nullopt);
    const auto group_size = static_cast<int64_t>(ranks->size());
    const int64_t elements = elements_of(what.collective, operation.arguments, group_size);
    if (elements < 0) return leave_out(kernel, kNoArguments);
    sent_[i] = true;
    Operation sent;
    sent.set_name(operation.name);
    Collective& collective = *sent.mutable_collective();
    collective.set_kind(what.collective);
    collective.set_bytes(static_cast<uint64_t>(elements) * element);
    collective.set_group(groups_.index_of(group_name, std::move(*ranks)));
    return attribute(kernel, std::move(sent));
  }
  return leave_out(kernel, kNoArguments);
}

KinetoCommunications::Result KinetoCommunications::read_collective(const KinetoDeviceOperation& kernel,
                                                                   const KinetoArguments& a,
                                                                   CollectiveKind kind, uint32_t element) {
  const int64_t group_size = a.group_size > 0 ? a.group_size : static_cast<int64_t>(file_.world_size);
  const int64_t elements = elements_of(kind, a, group_size);
  if (elements < 0 || elements > kMaxElements)
    return leave_out(kernel, fmt::format("the size of the {} is missing or negative", a.collective));
  // A rank that has nothing to send still receives in an uneven all-to-all.
  if (elements == 0 && kind != ALL_TO_ALL && kind != BARRIER) return attribute(kernel, std::nullopt);
  const auto group = group_of(kernel, a);
  if (!group) return tl::make_unexpected(group.error());
  Operation operation;
  operation.set_name(a.collective);
  Collective& collective = *operation.mutable_collective();
  collective.set_kind(kind);
  collective.set_group(*group);
  collective.set_bytes(static_cast<uint64_t>(elements) * element);
  if (kind == ALL_TO_ALL && elements > 0) set_splits(a, collective);
  if (has_root(kind) && a.root >= 0 && a.root < group_size)
    collective.set_root(static_cast<uint32_t>(a.root));
  else if (has_root(kind))
    warnings_.add(root_is_assumed(kind));
  return attribute(kernel, std::move(operation));
}

KinetoCommunications::Result KinetoCommunications::read_nccl(const KinetoDeviceOperation& kernel) {
  const KinetoArguments a = find_arguments(kernel);
  if (a.part) return attribute(kernel, std::nullopt);
  if (!a.missing.empty()) return leave_out(kernel, a.missing);
  const CommunicationName what = parse_communication_name(a.collective);
  if (what.kind == CommunicationKind::Nothing) return attribute(kernel, std::nullopt);
  if (what.kind == CommunicationKind::Unknown) {
    return leave_out(kernel, a.collective.empty()
                                 ? kNoArguments
                                 : fmt::format("'{}' has no counterpart here", a.collective));
  }
  const uint32_t element = element_size(a.dtype);
  if (element == 0) {
    return tl::make_unexpected(
        fmt::format("{}: {}: the element type '{}' is not known", file_.path, a.collective, a.dtype));
  }
  if (what.kind == CommunicationKind::Collective) return read_collective(kernel, a, what.collective, element);
  return point_to_point(kernel, what.kind == CommunicationKind::Send, a, element);
}

KinetoCommunications::Result KinetoCommunications::read(const KinetoDeviceOperation& kernel) {
  const bool is_nccl =
      kernel.library == "NCCL" || kernel.library == "RCCL" || !kernel.arguments.collective.empty();
  if (is_nccl) return read_nccl(kernel);
  return read_operator(kernel);
}

}  // namespace railyard::trace
