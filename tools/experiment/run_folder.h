// SPDX-License-Identifier: BSD-3-Clause
// The folder that a run leaves behind. All of it, or nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/experiment/experiment.h"
#include "tools/experiment/version.h"
#include "tools/report/run_set.h"

namespace railyard {

struct TextFile {
  std::string name;
  std::string text;
};

// What only the player knows.
struct FolderExtras {
  std::vector<Library> libraries;  // for the manifest
  std::vector<TextFile> files;     // timing.json, for one
};

// `requested`, or runs/<scenario>-<first 8 digits of the hash>[-n] where it is empty. The error says that
// `requested` exists, or that the folder could not be made there: hours may pass until it is.
tl::expected<std::filesystem::path, std::string> choose_folder(const std::string& requested,
                                                               const std::string& scenario,
                                                               const std::string& hash);

// Writes beside `folder` under a temporary name and renames at the end; on an error nothing is left.
tl::expected<void, std::string> write_run_folder(const std::filesystem::path& folder,
                                                 const Experiment& experiment, const report::RunSet& runs,
                                                 const FolderExtras& extras);

}  // namespace railyard
