// SPDX-License-Identifier: BSD-3-Clause
// A capture written by a test, imported.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

struct WrittenFile {
  std::string name;
  std::string content;
};

// Recognised by content, as a user's files are.
inline tl::expected<ImportResult, std::string> try_import(const std::vector<WrittenFile>& files,
                                                          const ImportOptions& options = {}) {
  TemporaryFolder folder;
  for (const WrittenFile& file : files) EXPECT_TRUE(write_file(folder.file(file.name), file.content));
  if (files.size() == 1) return import_trace({folder.file(files[0].name)}, options);
  return import_trace({folder.path()}, options);
}

inline ImportResult import_files(const std::vector<WrittenFile>& files, const ImportOptions& options = {}) {
  auto result = try_import(files, options);
  if (!result) ADD_FAILURE() << result.error();
  return result ? std::move(*result) : ImportResult();
}

// Collectives as "kind bytes@group", messages as "send bytes>peer" and "receive bytes<peer", compute as "ns".
std::vector<std::string> operations_of(const Trace& trace, int rank);

}  // namespace railyard::trace
