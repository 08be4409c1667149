// SPDX-License-Identifier: BSD-3-Clause
// What a communication kernel of a Kineto trace communicates.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/kineto_file.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

class KinetoCommunications {
 public:
  KinetoCommunications(const KinetoFile& file, uint32_t rank, GroupTable& groups, WarningCounter& warnings,
                       CommunicationLedger& ledger);

  // The kernel as an operation; nothing for one that moves no data, is a part of a communication that another
  // kernel stands for, or cannot be represented (then the ledger says why). The error names file and kernel.
  tl::expected<std::optional<Operation>, std::string> read(const KinetoDeviceOperation& kernel);

  // Whether the instant lies within an operator that launched one of the kernels read so far.
  bool within_launching_operator(const KinetoInstant& instant) const;

 private:
  using Result = tl::expected<std::optional<Operation>, std::string>;

  Result read_nccl(const KinetoDeviceOperation& kernel);
  Result read_collective(const KinetoDeviceOperation& kernel, const KinetoArguments& arguments,
                         CollectiveKind kind, uint32_t element);
  std::optional<Operation> read_operator(const KinetoDeviceOperation& kernel);
  std::optional<std::vector<uint32_t>> ranks_of_operator(const KinetoHostOperation& operation,
                                                         std::string& group_name) const;
  std::optional<Operation> leave_out(const KinetoDeviceOperation& kernel, const std::string& reason);
  std::optional<Operation> attribute(const KinetoDeviceOperation& kernel, std::optional<Operation> operation);
  std::vector<size_t> enclosing(const KinetoInstant& instant) const;
  KinetoArguments find_arguments(const KinetoDeviceOperation& kernel);
  tl::expected<uint32_t, std::string> group_of(const KinetoDeviceOperation& kernel,
                                               const KinetoArguments& arguments);
  std::optional<Operation> point_to_point(const KinetoDeviceOperation& kernel, bool sends,
                                          const KinetoArguments& arguments, uint32_t element);
  void set_splits(const KinetoArguments& arguments, Collective& collective);

  const KinetoFile& file_;
  const uint32_t rank_;
  GroupTable& groups_;
  WarningCounter& warnings_;
  CommunicationLedger& ledger_;
  std::map<uint32_t, std::vector<size_t>> operators_;  // by thread, in order of their start
  std::vector<bool> launches_kernel_;                  // of each host operation
  std::vector<bool> sent_;                             // of each host operation, by one of its kernels
};

}  // namespace railyard::trace
