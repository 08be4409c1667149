// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nsys_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/kineto_names.h"

namespace railyard::trace {
namespace {

// Entries of NCCL's payloads.
constexpr const char* kCommunicator = "NCCL communicator ID";
constexpr const char* kBytes = "Message size [bytes]";
constexpr const char* kRanks = "No. of ranks";
constexpr const char* kRank = "Rank";
constexpr const char* kPeer = "Peer rank";
constexpr const char* kRoot = "Root";

// "AllReduce" of "ncclAllReduce"; empty of what is no function of NCCL's.
std::string function_of(const std::string& range) {
  constexpr std::string_view kPrefix = "nccl";
  if (range.size() <= kPrefix.size() || range.compare(0, kPrefix.size(), kPrefix) != 0 ||
      std::isupper(static_cast<unsigned char>(range[kPrefix.size()])) == 0)
    return "";
  return range.substr(kPrefix.size());
}

int64_t value_of(const NsysPayload& payload, const char* entry) {
  const auto found = payload.find(entry);
  return found == payload.end() ? -1 : found->second;
}

bool communicates(const std::string& function, const NsysPayload& payload) {
  return payload.count(kBytes) != 0 || parse_communication_name(function).kind != CommunicationKind::Unknown;
}

}  // namespace

NsysCalls::NsysCalls(const std::string& path, int64_t process) {
  process_.name = fmt::format("process {}", process);
  process_.capture.path = path;
}

void NsysCalls::add_operation(KinetoDeviceOperation operation) {
  launched_.insert(operation.correlation);
  process_.capture.device_operations.push_back(std::move(operation));
}

void NsysCalls::add_call(uint64_t correlation, KinetoInstant at, bool is_stream_wait) {
  if (is_stream_wait)
    process_.capture.stream_waits.push_back(at);
  else if (launched_.count(correlation) != 0)
    process_.capture.launches.emplace(correlation, at);
}

void NsysCalls::add_range(uint32_t thread, std::string name, int64_t start_ns, int64_t end_ns,
                          const NsysPayload& payload) {
  ranges_.push_back({thread, std::move(name), start_ns, end_ns, payload});
}

tl::expected<void, std::string> NsysCalls::add_membership(const Range& range) {
  const int64_t size = value_of(range.payload, kRanks), rank = value_of(range.payload, kRank);
  const auto communicator = range.payload.find(kCommunicator);
  if (communicator == range.payload.end() || size < 1 || size > kMaxCaptureRank || rank < 0 || rank >= size)
    return {};
  const NsysMembership now{static_cast<uint32_t>(rank), static_cast<uint32_t>(size)};
  const auto [known, is_new] = process_.memberships.emplace(static_cast<uint64_t>(communicator->second), now);
  if (!is_new && known->second.rank != now.rank)
    return tl::make_unexpected(
        fmt::format("{}: {} is both rank {} and rank {} of a communicator, so that its kernels are nobody's: "
                    "run one process for each GPU",
                    process_.capture.path, process_.name, known->second.rank, now.rank));
  return {};
}

// Into scopes, memberships and, of what is no function of NCCL's, annotations: the outermost of each thread.
tl::expected<void, std::string> NsysCalls::read_ranges() {
  std::stable_sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
    return std::make_tuple(a.thread, a.start_ns, -a.end_ns) <
           std::make_tuple(b.thread, b.start_ns, -b.end_ns);
  });
  int64_t depth = 0, annotated_until = -1;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    const Range& range = ranges_[i];
    if (i == 0 || ranges_[i - 1].thread != range.thread) depth = 0, annotated_until = -1;
    const std::string function = function_of(range.name);
    if (function.empty()) {
      if (range.start_ns >= annotated_until && !range.name.empty()) {
        process_.capture.annotations.push_back({range.name, range.start_ns, range.end_ns});
        annotated_until = range.end_ns;
      }
      continue;
    }
    if (auto done = add_membership(range); !done) return done;
    const bool is_nested = depth == 0 && !scopes_.empty() && scopes_.back().thread == range.thread &&
                           range.start_ns < scopes_.back().end_ns;
    if (function == "GroupStart") {
      if (depth++ == 0)
        scopes_.push_back({range.thread, range.start_ns, std::numeric_limits<int64_t>::max(), {}, {}});
    } else if (function == "GroupEnd") {
      if (depth > 0 && --depth == 0) scopes_.back().end_ns = range.end_ns;
    } else if (communicates(function, range.payload) && !is_nested) {
      if (depth == 0) scopes_.push_back({range.thread, range.start_ns, range.end_ns, {}, {}});
      NsysCall call{function, std::nullopt, value_of(range.payload, kBytes), value_of(range.payload, kPeer),
                    value_of(range.payload, kRoot)};
      if (const auto of = range.payload.find(kCommunicator); of != range.payload.end())
        call.communicator = static_cast<uint64_t>(of->second);
      scopes_.back().calls.push_back(process_.calls.size());
      process_.calls.push_back(std::move(call));
    }
  }
  return {};
}

// The kernels of NCCL that each scope launched.
void NsysCalls::find_kernels() {
  struct Launch {
    uint32_t thread;
    int64_t at_ns;
    size_t operation;
  };
  std::vector<Launch> launches;
  const auto& operations = process_.capture.device_operations;
  for (size_t i = 0; i < operations.size(); ++i) {
    const auto launch = process_.capture.launches.find(operations[i].correlation);
    if (operations[i].library == "NCCL" && launch != process_.capture.launches.end())
      launches.push_back({launch->second.thread, launch->second.at_ns, i});
  }
  std::stable_sort(launches.begin(), launches.end(), [](const Launch& a, const Launch& b) {
    return std::make_pair(a.thread, a.at_ns) < std::make_pair(b.thread, b.at_ns);
  });
  for (const Launch& launch : launches) {
    auto scope =
        std::upper_bound(scopes_.begin(), scopes_.end(), launch, [](const Launch& l, const Scope& s) {
          return std::make_pair(l.thread, l.at_ns) < std::make_pair(s.thread, s.start_ns);
        });
    if (scope == scopes_.begin()) continue;
    --scope;
    if (scope->thread == launch.thread && launch.at_ns <= scope->end_ns)
      scope->kernels.push_back(launch.operation);
  }
}

// A kernel that carries several calls becomes as many operations, at the same time.
void NsysCalls::assign_calls() {
  std::map<size_t, std::vector<size_t>> calls_of;  // by device operation
  auto& operations = process_.capture.device_operations;
  for (const Scope& scope : scopes_) {
    const bool one_each = scope.kernels.size() == scope.calls.size();
    for (size_t k = 0; k < scope.kernels.size(); ++k) {
      if (one_each)
        calls_of[scope.kernels[k]] = {scope.calls[k]};
      else if (k == 0)
        calls_of[scope.kernels[k]] = scope.calls;
      else
        operations[scope.kernels[k]].arguments.part = !scope.calls.empty();
    }
  }
  std::vector<KinetoDeviceOperation> all;
  for (size_t i = 0; i < operations.size(); ++i) {
    all.push_back(std::move(operations[i]));
    process_.call_of.emplace_back();
    const auto calls = calls_of.find(i);
    if (calls == calls_of.end() || calls->second.empty()) continue;
    process_.call_of.back() = calls->second.front();
    for (size_t c = 1; c < calls->second.size(); ++c) {
      KinetoDeviceOperation beside = all.back();
      beside.joined = true;
      all.push_back(std::move(beside));
      process_.call_of.emplace_back(calls->second[c]);
    }
  }
  operations = std::move(all);
}

// Before it launches, a collective lets its own stream wait for the caller's: nobody waits for a collective
// there. So what precedes a communication's launch on its thread is no wait of the program's.
void NsysCalls::drop_waits_of_communications() {
  std::map<uint32_t, std::vector<std::pair<int64_t, bool>>>
      launches;  // by thread: when, and of a communication
  for (const KinetoDeviceOperation& operation : process_.capture.device_operations) {
    const auto launch = process_.capture.launches.find(operation.correlation);
    if (launch != process_.capture.launches.end())
      launches[launch->second.thread].emplace_back(launch->second.at_ns, operation.is_communication());
  }
  for (auto& [thread, all] : launches) std::sort(all.begin(), all.end());
  const auto is_of_communication = [&](const KinetoInstant& wait) {
    const auto& all = launches[wait.thread];
    const auto next = std::lower_bound(all.begin(), all.end(), std::make_pair(wait.at_ns, false));
    return next != all.end() && next->second;
  };
  auto& waits = process_.capture.stream_waits;
  waits.erase(std::remove_if(waits.begin(), waits.end(), is_of_communication), waits.end());
}

tl::expected<NsysProcess, std::string> NsysCalls::finish() {
  if (auto done = read_ranges(); !done) return tl::make_unexpected(done.error());
  find_kernels();
  assign_calls();
  drop_waits_of_communications();
  return std::move(process_);
}

}  // namespace railyard::trace
