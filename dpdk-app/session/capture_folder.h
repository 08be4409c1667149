// SPDX-License-Identifier: BSD-3-Clause
// Where a player writes captures that a controller's plan asks for. A plan comes over the network, and the
// player often runs as root: so the folder is chosen where the player is started, a plan says only whether,
// and no file is opened through a link or replaced.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/units/quantity.h"

namespace railyard::lab {

namespace control {
class Plan;
}

class FileDescriptor;

// A file that has a temporary name until it is whole; without finish() nothing is left of it.
class CaptureFile {
 public:
  using Content = std::function<void(std::ostream&)>;

  CaptureFile(std::shared_ptr<const FileDescriptor> folder, std::unique_ptr<FileDescriptor> file,
              std::string path, std::string name);
  ~CaptureFile();
  CaptureFile(CaptureFile&&) noexcept;
  CaptureFile& operator=(CaptureFile&&) = delete;

  // Writes it and gives it its name. The error names the file: it cannot be written, or one of its name is
  // there.
  tl::expected<void, std::string> finish(const Content& content);
  const std::string& path() const { return path_; }

 private:
  std::shared_ptr<const FileDescriptor> folder_;
  std::unique_ptr<FileDescriptor> file_;  // null once it was finished or moved
  std::string path_, name_;
};

class CaptureFolder {
 public:
  // The error names the folder and the remedy: it is no folder, is not this process's user's own, or others
  // may write there.
  static tl::expected<CaptureFolder, std::string> open(const std::string& path);

  // Begins the file, with room for so much. The error names it: it cannot be made, is there already, or there
  // is no room.
  tl::expected<CaptureFile, std::string> create(const std::string& name, Bytes room) const;

 private:
  CaptureFolder(std::string path, std::shared_ptr<const FileDescriptor> descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  std::string path_;
  std::shared_ptr<const FileDescriptor> descriptor_;
};

// A file for each source ("leaf0", "host0-nic0"), which must be names:
// "incast-a-seed7-20261121T213000Z.leaf0.pcap" of a run that is prepared at that time. Each of them may
// become as large as `room`. None where the plan asks for no capture. `folder` is null where the player was
// started without.
tl::expected<std::vector<CaptureFile>, std::string> begin_captures(const control::Plan& plan,
                                                                   const CaptureFolder* folder,
                                                                   const std::vector<std::string>& sources,
                                                                   Bytes room);

}  // namespace railyard::lab
