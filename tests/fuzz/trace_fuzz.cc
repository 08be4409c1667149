// SPDX-License-Identifier: BSD-3-Clause
// Whatever bytes a trace file holds, reading it ends with a trace or one error. The first byte chooses the
// format.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/validate.h"

namespace {

using namespace railyard::trace;

void import_as(const std::string& format, std::string_view bytes) {
  static const std::string path =
      std::filesystem::temp_directory_path() / ("trace_fuzz-" + std::to_string(getpid()) + ".0.et");
  if (!write_file(path, bytes)) std::abort();
  ImportOptions options;
  options.format = format;
  options.fill_missing_ranks = true;
  const auto result = import_trace({path}, options);
  if (result) {
    static_cast<void>(describe(result->trace));
  } else if (result.error().empty()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      import_as("kineto", bytes);
      break;
    case 1:
      import_as("chakra", bytes);
      break;
    default:
      if (const auto trace = decode_trace(bytes, "fuzz"); trace && validate(*trace).empty()) {
        static_cast<void>(describe(*trace));
      }
  }
  return 0;
}
