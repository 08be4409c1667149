// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/kineto_names.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr double kMaxMicroseconds = 4e15;  // 2096 AD; keeps nanoseconds within 64 bits
constexpr int64_t kMaxElements = int64_t{1} << 50;

const Json& at(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

// Strings and numbers as they are, lists of numbers as "[0, 1]"; "" for anything else. Never recursive: a
// hostile file nests as deep as it likes.
std::string text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (!value.is_array()) return "";
  std::string list = "[";
  for (const Json& entry : value) {
    if (!entry.is_number()) return "";
    list += (list.size() > 1 ? ", " : "") + entry.dump();
  }
  return list + "]";
}

// Numbers come as numbers or as strings, depending on the version.
int64_t integer(const Json& value, int64_t otherwise = -1) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return otherwise;
  const auto& digits = value.get_ref<const std::string&>();
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return failed == std::errc() && end == digits.data() + digits.size() ? number : otherwise;
}

// Elements of a tensor with these dimensions; 0 for what is no tensor.
int64_t elements_of_tensor(const Json& dims) {
  if (!dims.is_array() || dims.empty()) return 0;
  int64_t product = 1;
  for (const Json& entry : dims) {
    const int64_t size = integer(entry, 0);
    if (size <= 0 || product > kMaxElements / size) return 0;
    product *= size;
  }
  return product;
}

// Of a tensor or of a list of tensors.
int64_t elements_of(const Json& dims) {
  if (!dims.is_array() || dims.empty() || !dims[0].is_array()) return elements_of_tensor(dims);
  int64_t sum = 0;
  for (const Json& tensor : dims) sum = std::min(kMaxElements, sum + elements_of_tensor(tensor));
  return sum;
}

// Old versions name no arguments; the tensors of the innermost operator are what is sent.
void read_tensor_sizes(const Json& args, KinetoArguments& arguments) {
  const Json& dims = at(args, "Input Dims");
  const Json& types = at(args, "Input type");
  if (!dims.is_array() || !types.is_array()) return;
  for (size_t i = 0; i < std::min(dims.size(), types.size()); ++i) {
    const int64_t elements = elements_of(dims[i]);
    if (elements <= 0) continue;
    arguments.in_elements = elements;
    arguments.from_tensors = true;
    arguments.dtype = text(types[i]);
    return;
  }
}

KinetoArguments read_arguments(const Json& args) {
  KinetoArguments found;
  found.collective = text(at(args, "Collective name"));
  found.dtype = text(at(args, "dtype"));
  found.in_elements = integer(at(args, "In msg nelems"));
  found.out_elements = integer(at(args, "Out msg nelems"));
  found.group_size = integer(at(args, "Group size"));
  found.in_split = text(at(args, "In split size"));
  found.group_name = text(at(args, "Process Group Name"));
  const std::string description = text(at(args, "Process Group Description"));
  if (!description.empty()) found.group_label = fmt::format("{} ({})", found.group_name, description);
  found.group_ranks = text(at(args, "Process Group Ranks"));
  found.first_rank = integer(at(args, "Global rank start"));
  found.rank_stride = integer(at(args, "Global rank stride"));
  found.source = integer(at(args, "Src Rank"));
  found.destination = integer(at(args, "Dst Rank"));
  if (found.in_elements < 0) read_tensor_sizes(args, found);
  return found;
}

class Reader {
 public:
  explicit Reader(KinetoFile& file) : file_(file) {}

  void read_event(const Json& event) {
    if (text(at(event, "ph")) != "X") return;
    const Json& args = at(event, "args");
    const std::string category = text(at(event, "cat"));
    const std::string name = text(at(event, "name"));
    int64_t start_ns = 0;
    int64_t end_ns = 0;
    if (!read_times(event, start_ns, end_ns)) return;
    if (category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset") {
      read_device_operation(event, args, name, start_ns, end_ns);
    } else if (category == "cuda_runtime" || category == "cuda_driver") {
      const KinetoInstant instant = {thread_of(event), start_ns};
      if (name.find("StreamWaitEvent") != std::string::npos) file_.stream_waits.push_back(instant);
      const int64_t correlation = integer(at(args, "correlation"));
      if (correlation > 0) file_.launches.emplace(static_cast<uint64_t>(correlation), instant);
    } else if (is_communication_operator(name)) {
      file_.host_operations.push_back({name, thread_of(event), start_ns, end_ns, read_arguments(args)});
    }
  }

  void read_distributed_info(const Json& info) {
    const int64_t rank = integer(at(info, "rank"));
    const int64_t world = integer(at(info, "world_size"));
    if (rank >= 0 && rank <= UINT32_MAX) file_.rank = static_cast<uint32_t>(rank);
    if (world > 0 && world <= UINT32_MAX) file_.world_size = static_cast<uint32_t>(world);
    const Json& groups = at(info, "pg_config");
    if (!groups.is_array()) return;
    for (const Json& group : groups) {
      const auto ranks = parse_list(text(at(group, "ranks")));
      KinetoGroup read = {text(at(group, "pg_name")), {}};
      if (ranks) read.ranks.assign(ranks->begin(), ranks->end());
      if (ranks) file_.groups.push_back(std::move(read));
    }
  }

 private:
  static bool read_times(const Json& event, int64_t& start_ns, int64_t& end_ns) {
    const Json& start = at(event, "ts");
    const Json& duration = at(event, "dur");
    if (!start.is_number() || !duration.is_number()) return false;
    const double start_us = start.get<double>();
    const double duration_us = duration.get<double>();
    if (!(std::fabs(start_us) < kMaxMicroseconds) || !(duration_us >= 0 && duration_us < kMaxMicroseconds))
      return false;
    // Whole microseconds since 1970 do not fit a double with three more digits: convert the parts.
    const double whole = std::floor(start_us);
    start_ns = static_cast<int64_t>(whole) * 1000 + std::llround((start_us - whole) * 1000);
    end_ns = start_ns + std::llround(duration_us * 1000);
    return true;
  }

  void read_device_operation(const Json& event, const Json& args, const std::string& name, int64_t start_ns,
                             int64_t end_ns) {
    KinetoDeviceOperation operation;
    operation.name = name;
    operation.start_ns = start_ns;
    operation.end_ns = end_ns;
    const Json& stream = at(args, "stream");
    operation.stream =
        number_of(text(at(event, "pid")) + "/" + text(stream.is_null() ? at(event, "tid") : stream));
    operation.correlation = static_cast<uint64_t>(std::max<int64_t>(0, integer(at(args, "correlation"))));
    operation.is_communication = is_communication_kernel(name);
    if (operation.is_communication) operation.arguments = read_arguments(args);
    file_.device_operations.push_back(std::move(operation));
  }

  uint32_t thread_of(const Json& event) {
    return number_of(text(at(event, "pid")) + ":" + text(at(event, "tid")));
  }

  // A small number for each stream or thread.
  uint32_t number_of(const std::string& key) {
    return numbers_.try_emplace(key, static_cast<uint32_t>(numbers_.size())).first->second;
  }

  KinetoFile& file_;
  std::map<std::string, uint32_t> numbers_;
};

}  // namespace

tl::expected<KinetoFile, std::string> read_kineto_file(const std::string& path) {
  auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  KinetoFile file;
  file.path = path;
  Reader reader(file);
  std::string section;
  bool has_events = false;
  // Events are read and dropped one by one: a long capture has millions.
  const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) {
      section = parsed.get<std::string>();
      has_events |= section == "traceEvents";
    }
    if (depth != 2 || event != Json::parse_event_t::object_end || section != "traceEvents") return true;
    reader.read_event(parsed);
    return false;
  };
  try {
    const Json document = Json::parse(*content, callback);
    reader.read_distributed_info(at(document, "distributedInfo"));
  } catch (const Json::parse_error& broken) {
    return tl::make_unexpected(
        fmt::format("{}: is cut short or no valid JSON, at byte {}: export or copy the capture again", path,
                    broken.byte));
  } catch (const Json::exception&) {
    return tl::make_unexpected(
        fmt::format("{}: holds a number too large to be read: export or copy the capture again", path));
  }
  if (!has_events) {
    return tl::make_unexpected(fmt::format(
        "{}: has no \"traceEvents\": it is no PyTorch profiler trace (torch.profiler, export_chrome_trace)",
        path));
  }
  return file;
}

}  // namespace railyard::trace
