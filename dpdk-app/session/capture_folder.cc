// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/capture_folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <ext/stdio_filebuf.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "dpdk-app/control/control.pb.h"
#include "traffic/parameter/file_name.h"

namespace railyard::lab {

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int number() const { return number_; }

 private:
  const int number_;
};

namespace {

constexpr const char* kRemedy =
    "make one with `install -d -m 700 FOLDER` as the user that the player runs as";

// Hidden, so that nobody takes it for a capture.
std::string unfinished(const std::string& name) {
  return "." + name + ".part";
}

tl::unexpected<std::string> failed(const std::string& path, int reason) {
  return tl::unexpected(fmt::format("the capture '{}' cannot be written: {}", path, std::strerror(reason)));
}

}  // namespace

tl::expected<CaptureFolder, std::string> CaptureFolder::open(const std::string& path) {
  const auto wrong = [&](const std::string& what) {
    return tl::unexpected(fmt::format("'{}' cannot hold captures: {}; {}", path, what, kRemedy));
  };
  auto descriptor = std::make_shared<const FileDescriptor>(
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (descriptor->number() < 0 || fstat(descriptor->number(), &status) != 0)
    return wrong(std::strerror(errno));
  if (status.st_uid != geteuid())
    return wrong(fmt::format("it is user {}'s, and the player runs as user {}", status.st_uid, geteuid()));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return wrong(fmt::format("others than its owner may write there (mode {:o})", status.st_mode & 07777));
  return CaptureFolder(std::filesystem::absolute(path).string(), std::move(descriptor));
}

tl::expected<CaptureFile, std::string> CaptureFolder::create(const std::string& name, Bytes room) const {
  const std::string path = path_ + "/" + name;
  // It takes its name only at the end; what stands in its way is said before the run.
  if (name.find('/') != std::string::npos) return failed(path, EINVAL);
  struct stat status {};
  if (fstatat(descriptor_->number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return failed(path, EEXIST);
  constexpr mode_t kMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;  // less what umask says
  auto file =
      std::make_unique<FileDescriptor>(openat(descriptor_->number(), unfinished(name).c_str(),
                                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (file->number() < 0) return failed(path, errno);
  const int descriptor = file->number();
  CaptureFile capture(descriptor_, std::move(file), path, name);  // takes it away where there is no room
  if (room.n > 0)
    if (const int reason = posix_fallocate(descriptor, 0, static_cast<off_t>(room.n)); reason != 0)
      return failed(path, reason);
  return capture;
}

CaptureFile::CaptureFile(std::shared_ptr<const FileDescriptor> folder, std::unique_ptr<FileDescriptor> file,
                         std::string path, std::string name)
    : folder_(std::move(folder)), file_(std::move(file)), path_(std::move(path)), name_(std::move(name)) {}

CaptureFile::CaptureFile(CaptureFile&&) noexcept = default;

CaptureFile::~CaptureFile() {
  if (file_) unlinkat(folder_->number(), unfinished(name_).c_str(), 0);
}

tl::expected<void, std::string> CaptureFile::finish(const Content& content) {
  if (!file_) return failed(path_, EBADF);
  errno = 0;
  __gnu_cxx::stdio_filebuf<char> buffer(dup(file_->number()), std::ios::out | std::ios::binary);
  std::ostream out(&buffer);
  content(out);
  const off_t end = static_cast<off_t>(out.flush().tellp());
  if (!out || buffer.close() == nullptr || ftruncate(file_->number(), end) != 0) return failed(path_, errno);
  // link() neither replaces what is there nor follows it.
  const std::string temporary = unfinished(name_);
  if (linkat(folder_->number(), temporary.c_str(), folder_->number(), name_.c_str(), 0) != 0)
    return failed(path_, errno);
  unlinkat(folder_->number(), temporary.c_str(), 0);
  file_.reset();
  return {};
}

tl::expected<std::vector<CaptureFile>, std::string> begin_captures(const control::Plan& plan,
                                                                   const CaptureFolder* folder,
                                                                   const std::vector<std::string>& sources,
                                                                   Bytes room) {
  std::vector<CaptureFile> files;
  if (!plan.capture()) return files;
  if (folder == nullptr)
    return tl::unexpected<std::string>(
        "the plan asks for a capture, and this player was started without --capture-dir; start it with "
        "--capture-dir DIR, a folder of its user's where nobody else may write");
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  for (const std::string& source : sources) {
    for (const std::string& name : {plan.scenario(), plan.setting(), source})
      if (const std::string mistake = name_mistake(name); !mistake.empty())
        return tl::unexpected("a capture cannot be named: " + mistake);
    auto file = folder->create(fmt::format("{}-{}-seed{}-{:%Y%m%dT%H%M%SZ}.{}.pcap", plan.scenario(),
                                           plan.setting(), plan.seed(), fmt::gmtime(now), source),
                               room);
    if (!file) return tl::unexpected(file.error());
    files.push_back(*std::move(file));
  }
  return files;
}

}  // namespace railyard::lab
