// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nccl_log.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/communicators.h"

namespace railyard::trace {
namespace {

constexpr std::string_view kInfo = " NCCL INFO ";

// The word after `key` and a space.
std::string_view word_after(std::string_view line, std::string_view key) {
  const size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  const size_t begin = at + key.size();
  return line.substr(begin, line.find_first_of(" ]\r\t", begin) - begin);
}

int64_t number_after(std::string_view line, std::string_view key) {
  const std::string_view word = word_after(line, key);
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  return failed == std::errc() && end == word.data() + word.size() ? value : -1;
}

// "host:pid [device]": threads of a process may each drive a GPU of their own.
std::string process_of(std::string_view line) {
  const std::string_view head = line.substr(0, line.find(kInfo));
  const size_t from = head.find_last_of(" \t", head.find('['));  // of the pair before the device
  const std::string_view device = from == std::string_view::npos ? "" : head.substr(from + 1);
  std::string_view place = head.substr(0, from);
  const size_t space = place.find_last_of(' ');  // a time stamp, or what a launcher puts in front
  if (space != std::string_view::npos) place.remove_prefix(space + 1);
  const size_t host = place.find(':');
  const size_t pid = host == std::string_view::npos ? host : place.find(':', host + 1);
  return fmt::format("{} {}", place.substr(0, pid), device);
}

class Reader {
 public:
  explicit Reader(CommunicatorCapture& capture) : capture_(capture) {}

  void read_line(const std::string& path, std::string_view line) {
    const size_t info = line.find(kInfo);
    if (info == std::string_view::npos) return;
    const std::string_view text = line.substr(info + kInfo.size());
    if (text.find(" opCount ") != std::string_view::npos || text.find(": opCount ") != std::string_view::npos)
      read_operation(process(path, line), text);
    else if (text.find(" commId ") != std::string_view::npos &&
             text.find(" nranks ") != std::string_view::npos)
      read_init(process(path, line), text);
  }

 private:
  size_t process(const std::string& path, std::string_view line) {
    const auto [known, is_new] = by_name_.try_emplace(process_of(line), capture_.processes.size());
    if (is_new) capture_.processes.push_back({path, known->first, {}, {}});
    return known->second;
  }

  void read_init(size_t p, std::string_view text) {
    const std::string id(word_after(text, " commId "));
    const int64_t rank = number_after(text, " rank ");
    const int64_t size = number_after(text, " nranks ");
    if (id.empty() || rank < 0 || rank >= size || size > kMaxCaptureRank) return;
    ids_[{p, std::string(word_after(text, "comm "))}] = id;
    capture_.processes[p].rank[id] = static_cast<uint32_t>(rank);
    capture_.sizes[id] = static_cast<uint32_t>(size);
  }

  void read_operation(size_t p, std::string_view text) {
    CommunicatorOperation operation;
    operation.name = std::string(text.substr(0, text.find(':')));
    operation.kind = parse_communication_name(operation.name);
    const int64_t count = number_after(text, " count ");
    const int64_t element = nccl_element_size(std::string(word_after(text, " datatype ")));
    if (count >= 0 && element > 0 && count <= kMaxCaptureBytes / element) operation.bytes = count * element;
    operation.root = operation.peer = number_after(text, " root ");  // of send and receive the peer
    const std::string pointer(word_after(text, " comm "));
    const auto known = ids_.find({p, pointer});
    operation.communicator = known != ids_.end() ? known->second : pointer;
    const int64_t size = number_after(text, "[nranks=");
    if (size > 0 && size <= kMaxCaptureRank)
      capture_.sizes.try_emplace(operation.communicator, static_cast<uint32_t>(size));
    capture_.processes[p].operations.push_back(std::move(operation));
  }

  CommunicatorCapture& capture_;
  std::map<std::string, size_t> by_name_;
  std::map<std::pair<size_t, std::string>, std::string> ids_;  // of a process' pointers to communicators
};

}  // namespace

bool recognises_nccl_log(std::string_view content) {
  return content.find(kInfo) != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_nccl_log(const std::vector<std::string>& files,
                                                        const ImportOptions& options) {
  CommunicatorCapture capture;
  Reader reader(capture);
  for (const std::string& path : files) {
    const auto content = read_file(path);
    if (!content) return tl::make_unexpected(content.error());
    std::string_view rest = *content;
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      reader.read_line(path, rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  if (capture.processes.empty())
    return tl::make_unexpected(fmt::format(
        "{}: names no operation: log with NCCL_DEBUG=INFO NCCL_DEBUG_SUBSYS=INIT,COLL", files.front()));
  return trace_of_communicators(std::move(capture), options);
}

}  // namespace railyard::trace
