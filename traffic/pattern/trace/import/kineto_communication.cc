// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_communication.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/split_sizes.h"
#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 50;
constexpr int64_t kMaxGroup = int64_t{1} << 20;
// c10d:: > record_param_comms > nccl: are three levels; coalesced calls nest a few more.
constexpr size_t kMaxNested = 64;

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
      return std::max(a.in_elements, a.out_elements);
    default:
      return has_in ? a.in_elements : a.out_elements;
  }
}

}  // namespace

KinetoCommunications::KinetoCommunications(const KinetoFile& file, GroupTable& groups,
                                           WarningCounter& warnings)
    : file_(file),
      groups_(groups),
      warnings_(warnings),
      launches_kernel_(file.host_operations.size(), false) {
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

std::optional<Operation> KinetoCommunications::point_to_point(bool sends, const KinetoArguments& a,
                                                              uint32_t element) {
  const int64_t peer = sends ? a.destination : a.source;
  const int64_t elements = std::max(a.in_elements, a.out_elements);
  if (peer < 0 || peer > kMaxGroup || elements < 0 || elements > kMaxElements) {
    warnings_.add(fmt::format("{} left out: its peer or size is not in the file", a.collective));
    return std::nullopt;
  }
  if (elements == 0) return std::nullopt;
  Operation operation;
  const uint64_t bytes = static_cast<uint64_t>(elements) * element;
  if (sends) {
    operation.mutable_send()->set_peer(static_cast<uint32_t>(peer));
    operation.mutable_send()->set_bytes(bytes);
  } else {
    operation.mutable_receive()->set_peer(static_cast<uint32_t>(peer));
    operation.mutable_receive()->set_bytes(bytes);
  }
  return operation;
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

tl::expected<std::optional<Operation>, std::string> KinetoCommunications::read(
    const KinetoDeviceOperation& kernel) {
  using Result = std::optional<Operation>;
  const KinetoArguments a = find_arguments(kernel);
  const CommunicationName what = parse_communication_name(a.collective);
  if (what.kind == CommunicationKind::Nothing) return Result();
  if (what.kind == CommunicationKind::Unknown) {
    warnings_.add(
        a.collective.empty()
            ? "NCCL kernel left out: neither arguments nor the operator that launched it are in the file"
            : fmt::format("'{}' left out: it has no counterpart here", a.collective));
    return Result();
  }
  const uint32_t element = element_size(a.dtype);
  if (element == 0) {
    return tl::make_unexpected(
        fmt::format("{}: {}: the element type '{}' is not known", file_.path, a.collective, a.dtype));
  }
  Result operation;
  if (what.kind == CommunicationKind::Collective) {
    const int64_t group_size = a.group_size > 0 ? a.group_size : static_cast<int64_t>(file_.world_size);
    const int64_t elements = elements_of(what.collective, a, group_size);
    if (elements < 0 || elements > kMaxElements) {
      warnings_.add(fmt::format("{} left out: its size is missing or negative", a.collective));
      return Result();
    }
    // A rank that has nothing to send still receives in an uneven all-to-all.
    if (elements == 0 && what.collective != ALL_TO_ALL) return Result();
    const auto group = group_of(kernel, a);
    if (!group) return tl::make_unexpected(group.error());
    operation.emplace();
    Collective& collective = *operation->mutable_collective();
    collective.set_kind(what.collective);
    collective.set_group(*group);
    collective.set_bytes(static_cast<uint64_t>(elements) * element);
    if (what.collective == ALL_TO_ALL && elements > 0) set_splits(a, collective);
    if (what.collective == BROADCAST)
      warnings_.add("broadcast: its root is not in the file, the group's first rank is taken");
  } else {
    operation = point_to_point(what.kind == CommunicationKind::Send, a, element);
  }
  if (operation) operation->set_name(a.collective);
  return operation;
}

}  // namespace railyard::trace
