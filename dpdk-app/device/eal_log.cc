// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/eal_log.h"

#include <rte_log.h>

#include <cstdio>
#include <mutex>

namespace railyard::lab {
namespace {

struct LogSink {
  std::mutex mutex;
  std::string line;      // not ended yet
  std::string captured;  // lines
  bool capturing = false;

  void end_line() {
    if (line.empty()) return;
    if (!capturing) {
      std::fprintf(stderr, "dpdk: %s\n", line.c_str());
    } else {
      captured += (captured.empty() ? "" : "; ") + line;
    }
    line.clear();
  }
};

// Lives as long as the process: DPDK's threads may log until its end.
LogSink& sink() {
  static auto* const instance = new LogSink;
  return *instance;
}

ssize_t write_log(void*, const char* text, size_t size) {
  LogSink& log = sink();
  const std::lock_guard<std::mutex> lock(log.mutex);
  for (size_t i = 0; i < size; ++i) {
    if (text[i] == '\n') {
      log.end_line();
    } else {
      log.line += text[i];
    }
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

void route_eal_log() {
  cookie_io_functions_t functions{};
  functions.write = write_log;
  FILE* stream = fopencookie(nullptr, "w", functions);
  if (stream != nullptr) rte_openlog_stream(stream);
}

EalLogCapture::EalLogCapture() {
  LogSink& log = sink();
  const std::lock_guard<std::mutex> lock(log.mutex);
  log.captured.clear();
  log.capturing = true;
}

EalLogCapture::~EalLogCapture() {
  LogSink& log = sink();
  const std::lock_guard<std::mutex> lock(log.mutex);
  log.end_line();
  log.capturing = false;
}

std::string EalLogCapture::text() const {
  LogSink& log = sink();
  const std::lock_guard<std::mutex> lock(log.mutex);
  return log.captured;
}

std::string EalLogCapture::remark() const {
  const std::string said = text();
  return said.empty() ? "" : " (DPDK says: " + said + ")";
}

}  // namespace railyard::lab
