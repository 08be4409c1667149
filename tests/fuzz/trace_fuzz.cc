// SPDX-License-Identifier: BSD-3-Clause
// Whatever bytes a trace file or a capture holds, reading it ends with a trace or one error. The
// environment's RAILYARD_FUZZ_FORMAT names the importer; without it the input is a .rytrace file.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/statistics.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/validate.h"

namespace {

using namespace railyard::trace;

std::string format;

void look_at(const Trace& trace) {
  static_cast<void>(describe(trace));
  static_cast<void>(list_operations(trace));
  static_cast<void>(statistics_of(trace));
}

void import_bytes(std::string_view bytes, bool partial) {
  static const std::string path =
      std::filesystem::temp_directory_path() / ("trace_fuzz-" + std::to_string(getpid()) + ".0.et");
  if (!write_file(path, bytes)) std::abort();
  ImportOptions options;
  options.format = format;
  options.rank = 0;
  options.partial = partial;
  options.fill_missing_ranks = !partial;
  const auto result = import_trace({path}, options);
  if (result) {
    look_at(result->trace);
  } else if (result.error().empty()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* const wanted = std::getenv("RAILYARD_FUZZ_FORMAT");
  if (wanted == nullptr) return 0;
  format = wanted;
  const auto& all = importers();
  if (std::none_of(all.begin(), all.end(), [](const Importer& one) { return one.name == format; }))
    std::abort();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!format.empty()) {
    import_bytes(bytes, true);
    import_bytes(bytes, false);
  } else if (const auto trace = decode_trace(bytes, "fuzz"); trace && validate(*trace).empty()) {
    look_at(*trace);
  }
  return 0;
}
