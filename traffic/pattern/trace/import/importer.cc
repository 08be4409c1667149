// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/aicb.h"
#include "traffic/pattern/trace/import/chakra.h"
#include "traffic/pattern/trace/import/commcanary.h"
#include "traffic/pattern/trace/import/execution_trace.h"
#include "traffic/pattern/trace/import/flight_recorder.h"
#include "traffic/pattern/trace/import/goal.h"
#include "traffic/pattern/trace/import/kineto.h"
#include "traffic/pattern/trace/import/layer_text.h"
#include "traffic/pattern/trace/import/msccl.h"
#include "traffic/pattern/trace/import/nccl_inspector.h"
#include "traffic/pattern/trace/import/nccl_log.h"
#include "traffic/pattern/trace/import/nccl_profiler.h"
#include "traffic/pattern/trace/import/nccl_tests.h"
#include "traffic/pattern/trace/import/nsys.h"
#include "traffic/pattern/trace/import/roce_pcap.h"
#include "traffic/pattern/trace/import/unread_formats.h"
#include "traffic/pattern/trace/unattributed.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/units/error.h"

namespace railyard::trace {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHeadBytes = size_t{64} << 10;  // logs begin with what the launcher says
constexpr size_t kShownErrors = 5;

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Numbers inside of names compare by value.
bool natural_less(const std::string& a, const std::string& b) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    const auto number = [](const std::string& text, size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const size_t begin = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string x = number(a, i);
    const std::string y = number(b, j);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return a.size() - i < b.size() - j;
}

const Importer* recognise_content(std::string_view content) {
  for (const Importer& importer : importers()) {
    if (importer.recognises(content)) return &importer;
  }
  return nullptr;
}

const Importer* recognise(const std::string& file) {
  const auto head = read_head(file, kHeadBytes);
  if (!head) return nullptr;
  if (const Importer* importer = recognise_content(*head)) return importer;
  // JSON has no order: what tells the format may stand anywhere.
  if (!looks_like_json(*head)) return nullptr;
  const auto content = read_file(file);
  return content ? recognise_content(*content) : nullptr;
}

std::string known_formats() {
  std::string text;
  for (const Importer& importer : importers()) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", importer.name);
  }
  return text + " (railyard list importers)";
}

// Why nothing recognises the file.
std::string unrecognised(const std::string& file) {
  const auto content = read_file(file);
  if (!content) return content.error();
  if (content->empty()) return fmt::format("{}: the file is empty", file);
  if (const auto unread = unread_format(file, *content)) return fmt::format("{}: {}", file, *unread);
  if (looks_like_json(std::string_view(*content).substr(0, kHeadBytes))) {
    return fmt::format(
        "{}: is JSON, but of no format known here: it has neither \"traceEvents\" (torch.profiler's "
        "export_chrome_trace) nor what marks another; known are {}",
        file, known_formats());
  }
  return fmt::format("{}: is of no format known here; known are {}; a format can be forced by its name", file,
                     known_formats());
}

struct Selection {
  const Importer* importer = nullptr;
  std::vector<std::string> files;
};

tl::expected<void, std::string> add_file(Selection& selection, const std::string& file,
                                         const Importer* importer) {
  if (selection.importer != nullptr && importer != selection.importer) {
    return error("{}: is {}, but {} is {}: import one format at a time (--format chooses)", file,
                 importer->name, selection.files.front(), selection.importer->name);
  }
  selection.importer = importer;
  selection.files.push_back(file);
  return {};
}

tl::expected<void, std::string> add_folder(Selection& selection, const std::string& folder,
                                           const Importer* forced) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.is_regular_file(failed)) names.push_back(entry.path().string());
  }
  if (failed) return error("{}: cannot be read: {}", folder, failed.message());
  std::sort(names.begin(), names.end(), natural_less);
  const size_t before = selection.files.size();
  for (const std::string& name : names) {
    const Importer* importer = recognise(name);
    if (importer == nullptr || (forced != nullptr && importer != forced)) continue;
    if (auto added = add_file(selection, name, importer); !added) return added;
  }
  if (selection.files.size() == before) {
    return error("{}: holds no capture; known formats are {}", folder, known_formats());
  }
  return {};
}

tl::expected<Selection, std::string> select(const std::vector<std::string>& paths, const Importer* forced) {
  Selection selection;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      if (auto added = add_folder(selection, path, forced); !added) return tl::make_unexpected(added.error());
      continue;
    }
    const Importer* importer = forced != nullptr ? forced : recognise(path);
    if (importer == nullptr) return tl::make_unexpected(unrecognised(path));
    if (auto added = add_file(selection, path, importer); !added) return tl::make_unexpected(added.error());
  }
  return selection;
}

std::string name_from(const std::string& path) {
  fs::path p(path);
  return p.has_filename() ? p.filename().string() : p.parent_path().filename().string();
}

}  // namespace

const std::vector<Importer>& importers() {
  static const std::vector<Importer> all = {
      {"kineto", "PyTorch profiler JSON, plain or gzip", recognises_kineto, import_kineto, true},
      {"execution-trace", "PyTorch ExecutionTraceObserver JSON", recognises_execution_trace,
       import_execution_trace},
      {"flight-recorder", "PyTorch's NCCL Flight Recorder, JSON or pickle", recognises_flight_recorder,
       import_flight_recorder},
      {"nccl-inspector", "NCCL's and RCCL's inspector JSON", recognises_nccl_inspector,
       import_nccl_inspector},
      {"nccl-profiler", "NCCL's example profiler plugin, Chrome JSON", recognises_nccl_profiler,
       import_nccl_profiler},
      {"nsys", "Nsight Systems' SQLite export, with blobs", recognises_nsys, import_nsys, true},
      {"nccl-tests", "nccl-tests' JSON report (-J)", recognises_nccl_tests, import_nccl_tests},
      {"commcanary", "CommCanary's traces and canaries, JSON", recognises_commcanary, import_commcanary},
      {"nccl-log", "NCCL's and RCCL's debug log (INIT,COLL)", recognises_nccl_log, import_nccl_log},
      {"aicb", "AICB workload CSV", recognises_aicb, import_aicb},
      {"layer-text", "ASTRA-sim 1.0 and SimAI workload text", recognises_layer_text, import_layer_text},
      {"goal", "GOAL schedule, text", recognises_goal, import_goal},
      {"msccl", "MSCCL algorithm, XML: one run of it", recognises_msccl, import_msccl},
      {"roce-pcap", "RoCEv2 packets, pcap or pcapng; open loop", recognises_roce_pcap, import_roce_pcap},
      {"chakra", "MLCommons Chakra .et, plain or gzip", recognises_chakra, import_chakra},
  };
  return all;
}

tl::expected<ImportResult, std::string> import_trace(const std::vector<std::string>& paths,
                                                     const ImportOptions& options) {
  if (paths.empty()) return error("no files to import");
  const Importer* forced = nullptr;
  for (const Importer& importer : importers()) {
    if (importer.name == options.format) forced = &importer;
  }
  if (forced == nullptr && !options.format.empty()) {
    return error("there is no trace format '{}'; known are {}", options.format, known_formats());
  }
  const auto selection = select(paths, forced);
  if (!selection) return tl::make_unexpected(selection.error());
  if (!options.steps.empty() && !selection->importer->has_steps)
    return error("{}: {} captures mark no steps: leave 'steps' out", paths.front(),
                 selection->importer->name);
  auto result = selection->importer->import(selection->files, options);
  if (!result) return result;

  Header& header = *result->trace.mutable_header();
  header.set_name(options.name.empty() ? name_from(paths.front()) : options.name);
  header.set_source(fmt::format("{}, {} files from {}", selection->importer->name, selection->files.size(),
                                name_from(paths.front())));
  header.set_rank_count(static_cast<uint32_t>(result->trace.ranks_size()));
  for (const Unattributed& one : header.unattributed())
    result->warnings.push_back("communication left out: " + to_string(one));
  if (options.partial) return result;
  const std::vector<std::string> mistakes = validate(result->trace);
  if (mistakes.empty()) return result;
  std::string text = fmt::format("{}: the capture cannot be replayed:", paths.front());
  for (size_t i = 0; i < std::min(mistakes.size(), kShownErrors); ++i) text += "\n  " + mistakes[i];
  if (mistakes.size() > kShownErrors) text += "\n  ...";
  return tl::make_unexpected(text);
}

}  // namespace railyard::trace
