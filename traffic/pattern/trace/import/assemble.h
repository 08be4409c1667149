// SPDX-License-Identifier: BSD-3-Clause
// From the ranks that were read to a trace of the whole job.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

// The process groups met in an import. Two groups of the same ranks are different where their names differ:
// each is a communicator of its own. No ranks stand for the whole world.
class GroupTable {
 public:
  uint32_t index_of(const std::string& name, std::vector<uint32_t> ranks);
  void append_to(Header& header, uint32_t world_size) const;

 private:
  using Key = std::pair<std::string, std::vector<uint32_t>>;
  std::map<Key, uint32_t> indices_;
  std::vector<Key> groups_;
};

// One line for each kind of thing that was noticed, with how often: "3 x reduce: ..."
class WarningCounter {
 public:
  void add(const std::string& what) { ++counts_[what]; }
  std::vector<std::string> lines() const;

 private:
  std::map<std::string, uint64_t> counts_;
};

// The warning of importers whose format does not tell.
std::string root_is_assumed(CollectiveKind kind);

// What became of each communication that a capture shows.
class CommunicationLedger {
 public:
  void attribute(uint64_t time_ns);
  // `what` names the kernel or operation, `reason` says what the capture lacks to send it again.
  void leave_out(const std::string& what, const std::string& reason, uint64_t time_ns);
  bool empty() const { return communications_ == 0; }
  void append_to(Header& header) const;

 private:
  struct Sum {
    uint64_t count = 0;
    uint64_t time_ns = 0;
  };
  std::map<std::pair<std::string, std::string>, Sum> left_out_;
  uint64_t communications_ = 0;
  uint64_t communication_ns_ = 0;
};

struct ImportedRank {
  std::string file;
  uint32_t world_size = 0;  // as the file says; 0: it does not
  Rank rank;
};

// Sorts the ranks, refuses doubles and different world sizes, and fills, leaves empty or refuses ranks that
// are missing.
tl::expected<Trace, std::string> assemble(std::vector<ImportedRank> ranks, const GroupTable& groups,
                                          const ImportOptions& options);

}  // namespace railyard::trace
