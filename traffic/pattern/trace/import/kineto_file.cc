// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/kineto_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/communication_kernels.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr double kMaxMicroseconds = 4e15;  // 2096 AD; keeps nanoseconds within 64 bits
constexpr int64_t kMaxElements = int64_t{1} << 50;
constexpr size_t kMaxInputs = 16;  // of an operator; symm_mem's have at most five

// Elements of a tensor with these dimensions; 0 for what is no tensor.
int64_t elements_of_tensor(const Json& dims) {
  if (!dims.is_array() || dims.empty()) return 0;
  int64_t product = 1;
  for (const Json& entry : dims) {
    const int64_t size = integer_of(entry, 0);
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
  const Json& dims = field(args, "Input Dims");
  const Json& types = field(args, "Input type");
  if (!dims.is_array() || !types.is_array()) return;
  for (size_t i = 0; i < std::min(dims.size(), types.size()); ++i) {
    const int64_t elements = elements_of(dims[i]);
    if (elements <= 0) continue;
    arguments.in_elements = elements;
    arguments.from_tensors = true;
    arguments.dtype = text_of(types[i]);
    return;
  }
}

KinetoArguments read_arguments(const Json& args) {
  KinetoArguments found;
  found.collective = text_of(field(args, "Collective name"));
  found.dtype = text_of(field(args, "dtype"));
  found.in_elements = integer_of(field(args, "In msg nelems"));
  found.out_elements = integer_of(field(args, "Out msg nelems"));
  found.group_size = integer_of(field(args, "Group size"));
  found.in_split = text_of(field(args, "In split size"));
  found.group_name = text_of(field(args, "Process Group Name"));
  const std::string description = text_of(field(args, "Process Group Description"));
  if (!description.empty()) found.group_label = fmt::format("{} ({})", found.group_name, description);
  found.group_ranks = text_of(field(args, "Process Group Ranks"));
  found.first_rank = integer_of(field(args, "Global rank start"));
  found.rank_stride = integer_of(field(args, "Global rank stride"));
  found.source = integer_of(field(args, "Src Rank"));
  found.destination = integer_of(field(args, "Dst Rank"));
  if (found.in_elements < 0) read_tensor_sizes(args, found);
  const Json& concrete = field(args, "Concrete Inputs");
  for (size_t i = 0; concrete.is_array() && i < std::min(concrete.size(), kMaxInputs); ++i)
    found.concrete.push_back(text_of(concrete[i]));
  return found;
}

class Reader {
 public:
  explicit Reader(KinetoFile& file) : file_(file) {}

  void read_event(const Json& event) {
    if (text_of(field(event, "ph")) != "X") return;
    const Json& args = field(event, "args");
    const std::string category = text_of(field(event, "cat"));
    const std::string name = text_of(field(event, "name"));
    int64_t start_ns = 0;
    int64_t end_ns = 0;
    if (!read_times(event, start_ns, end_ns)) return;
    if (category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset") {
      read_device_operation(event, args, name, start_ns, end_ns);
    } else if (category == "cuda_runtime" || category == "cuda_driver") {
      const KinetoInstant instant = {thread_of(event), start_ns};
      if (name.find("StreamWaitEvent") != std::string::npos) file_.stream_waits.push_back(instant);
      const int64_t correlation = integer_of(field(args, "correlation"));
      if (correlation > 0) file_.launches.emplace(static_cast<uint64_t>(correlation), instant);
    } else if (is_communication_operator(name)) {
      file_.host_operations.push_back({name, thread_of(event), start_ns, end_ns, read_arguments(args)});
    } else if (category == "user_annotation") {
      file_.annotations.push_back({name, start_ns, end_ns});
    }
  }

  void read_distributed_info(const Json& info) {
    const int64_t rank = integer_of(field(info, "rank"));
    const int64_t world = integer_of(field(info, "world_size"));
    if (rank >= 0 && rank <= UINT32_MAX) file_.rank = static_cast<uint32_t>(rank);
    if (world > 0 && world <= UINT32_MAX) file_.world_size = static_cast<uint32_t>(world);
    const Json& groups = field(info, "pg_config");
    if (!groups.is_array()) return;
    for (const Json& group : groups) {
      const auto ranks = parse_list(text_of(field(group, "ranks")));
      KinetoGroup read = {text_of(field(group, "pg_name")), {}};
      if (ranks) read.ranks.assign(ranks->begin(), ranks->end());
      if (ranks) file_.groups.push_back(std::move(read));
    }
  }

 private:
  static bool read_times(const Json& event, int64_t& start_ns, int64_t& end_ns) {
    const Json& start = field(event, "ts");
    const Json& duration = field(event, "dur");
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
    const Json& stream = field(args, "stream");
    operation.stream = numbered(text_of(field(event, "pid")) + "/" +
                                text_of(stream.is_null() ? field(event, "tid") : stream));
    operation.correlation =
        static_cast<uint64_t>(std::max<int64_t>(0, integer_of(field(args, "correlation"))));
    operation.library = communication_library(name).value_or(std::string_view());
    if (operation.is_communication()) operation.arguments = read_arguments(args);
    file_.device_operations.push_back(std::move(operation));
  }

  uint32_t thread_of(const Json& event) {
    return numbered(text_of(field(event, "pid")) + ":" + text_of(field(event, "tid")));
  }

  // A small number for each stream or thread.
  uint32_t numbered(const std::string& key) {
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
    reader.read_distributed_info(field(document, "distributedInfo"));
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
