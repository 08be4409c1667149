// SPDX-License-Identifier: BSD-3-Clause
// What a NCCL kernel of a Kineto trace communicates.
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
  KinetoCommunications(const KinetoFile& file, GroupTable& groups, WarningCounter& warnings);

  // The kernel as an operation; nothing for one that moves no data, or that cannot be represented (then it is
  // in the warnings). The error names file and kernel.
  tl::expected<std::optional<Operation>, std::string> read(const KinetoDeviceOperation& kernel);

  // Whether the instant lies within an operator that launched one of the kernels read so far.
  bool within_launching_operator(const KinetoInstant& instant) const;

 private:
  std::vector<size_t> enclosing(const KinetoInstant& instant) const;
  KinetoArguments find_arguments(const KinetoDeviceOperation& kernel);
  tl::expected<uint32_t, std::string> group_of(const KinetoDeviceOperation& kernel,
                                               const KinetoArguments& arguments);
  std::optional<Operation> point_to_point(bool sends, const KinetoArguments& arguments, uint32_t element);
  void set_splits(const KinetoArguments& arguments, Collective& collective);

  const KinetoFile& file_;
  GroupTable& groups_;
  WarningCounter& warnings_;
  std::map<uint32_t, std::vector<size_t>> operators_;  // by thread, in order of their start
  std::vector<bool> launches_kernel_;                  // of each host operation
};

}  // namespace railyard::trace
