// SPDX-License-Identifier: BSD-3-Clause
// Written profiler traces, and what the importer makes of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

using nlohmann::json;

constexpr int kComputeStream = 7;
constexpr int kNcclStream = 20;

// A profiler trace, event by event; times in microseconds.
class Capture {
 public:
  Capture(int rank, int world);

  Capture& event(const char* cat, const std::string& name, const json& tid, double ts, double dur,
                 const json& args);
  // The event without arguments, on thread 1.
  Capture& annotation(const char* cat, const std::string& name, double ts, double dur);
  // A kernel and, where `launch` is not negative, the call that launched it.
  Capture& kernel(const std::string& name, int stream, double ts, double dur, double launch = -1);
  Capture& kernel(const std::string& name, int stream, double ts, double dur, double launch, json args);
  Capture& compute(double ts, double dur, double launch = -1);
  Capture& collective(const std::string& name, int64_t in, int64_t out, double ts, double dur,
                      double launch = -1);
  Capture& collective(const std::string& name, int64_t in, int64_t out, double ts, double dur, double launch,
                      const json& more);

  json& document() { return *document_; }
  std::string text() const;

 private:
  std::shared_ptr<json> document_;
  int correlation_ = 0;
};

ImportResult import(const std::vector<Capture>& captures, const ImportOptions& options = {});
// With the other ranks filled in.
ImportResult import_alone(const Capture& capture);

}  // namespace railyard::trace
