// SPDX-License-Identifier: BSD-3-Clause
// make-sample-capture <folder>: writes the shipped capture into an existing folder.
#include <cstdio>
#include <string>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/workload/sample_capture.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make-sample-capture <folder>\n");
    return 2;
  }
  for (const railyard::SampleFile& file : railyard::make_sample_capture()) {
    const auto written = railyard::trace::write_file(std::string(argv[1]) + "/" + file.name, file.content);
    if (!written) {
      std::fprintf(stderr, "%s\n", written.error().c_str());
      return 1;
    }
  }
  return 0;
}
