// SPDX-License-Identifier: BSD-3-Clause
// Captures of real jobs as traces: one importer a format, chosen by the files' content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::trace {

struct ImportOptions {
  std::string format;            // an importer's name; empty: by content
  std::string name;              // of the trace; empty: made from the path
  std::optional<uint32_t> rank;  // of a single file that does not say which rank it is
  uint32_t world_size = 0;  // of a job whose files do not say how many ranks it has; 0: as many as there are
  // Ranks without a file become copies of the lowest rank that has one, as data-parallel peers do the same
  // work. They must be members of the groups of that rank, and it must not send point to point.
  bool fill_missing_ranks = false;
  // For looking at what is there: ranks without a file stay empty, a file that does not say its rank is rank
  // 0, and whether the ranks fit together is not asked.
  bool partial = false;
  // The steps to keep, as the capture names them: "12", "12-14" (numbers of ProfilerStep), an annotation's
  // name, or "NAME#0-2" of its occurrences; empty: everything.
  std::string steps;
};

struct ImportResult {
  Trace trace;
  std::vector<std::string> warnings;  // one line each: what to distrust
};

struct Importer {
  std::string_view name;
  std::string_view description;
  bool (*recognises)(std::string_view content);  // the first bytes of the inflated file; JSON: or all of it
  tl::expected<ImportResult, std::string> (*import)(const std::vector<std::string>& files,
                                                    const ImportOptions& options);
  bool has_steps = false;  // whether the format marks them
};

const std::vector<Importer>& importers();

// Imports the files; of a folder those that an importer recognises, in natural order (rank2 before rank10).
// The trace is valid (see validate()), unless `partial`. The error names the file and place, and says what to
// do.
tl::expected<ImportResult, std::string> import_trace(const std::vector<std::string>& paths,
                                                     const ImportOptions& options = {});

}  // namespace railyard::trace
