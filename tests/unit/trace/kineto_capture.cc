// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/trace/kineto_capture.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"

namespace railyard::trace {
namespace {

constexpr int kProcess = 4242;

}  // namespace

Capture::Capture(int rank, int world) : document_(std::make_shared<json>()) {
  document()["schemaVersion"] = 1;
  document()["distributedInfo"] = {{"backend", "nccl"}, {"rank", rank}, {"world_size", world}};
  document()["traceEvents"] = json::array();
}

Capture& Capture::event(const char* cat, const std::string& name, const json& tid, double ts, double dur,
                        const json& args) {
  document()["traceEvents"].push_back({{"ph", "X"},
                                       {"cat", cat},
                                       {"name", name},
                                       {"pid", kProcess},
                                       {"tid", tid},
                                       {"ts", ts},
                                       {"dur", dur},
                                       {"args", args}});
  return *this;
}

Capture& Capture::annotation(const char* cat, const std::string& name, double ts, double dur) {
  return event(cat, name, 1, ts, dur, json::object());
}

Capture& Capture::kernel(const std::string& name, int stream, double ts, double dur, double launch) {
  return kernel(name, stream, ts, dur, launch, json::object());
}

Capture& Capture::kernel(const std::string& name, int stream, double ts, double dur, double launch,
                         json args) {
  args["stream"] = stream;
  args["correlation"] = ++correlation_;
  event("kernel", name, stream, ts, dur, args);
  if (launch >= 0) event("cuda_runtime", "cudaLaunchKernel", 1, launch, 1, {{"correlation", correlation_}});
  return *this;
}

Capture& Capture::compute(double ts, double dur, double launch) {
  return kernel("gemm", kComputeStream, ts, dur, launch);
}

Capture& Capture::collective(const std::string& name, int64_t in, int64_t out, double ts, double dur,
                             double launch) {
  return collective(name, in, out, ts, dur, launch, json::object());
}

Capture& Capture::collective(const std::string& name, int64_t in, int64_t out, double ts, double dur,
                             double launch, const json& more) {
  json args = {{"Collective name", name},
               {"In msg nelems", in},
               {"Out msg nelems", out},
               {"dtype", "Float"},
               {"Group size", 2},
               {"Process Group Name", "0"},
               {"Process Group Ranks", "[0, 1]"},
               {"In split size", "[]"}};
  args.update(more);
  return kernel("ncclDevKernel_Generic", kNcclStream, ts, dur, launch, std::move(args));
}

std::string Capture::text() const {
  return document_->dump();
}

ImportResult import(const std::vector<Capture>& captures, const ImportOptions& options) {
  TemporaryFolder folder;
  for (size_t i = 0; i < captures.size(); ++i) {
    EXPECT_TRUE(
        write_file(folder.file("worker" + std::to_string(i) + ".pt.trace.json.gz"), captures[i].text()));
  }
  auto result = import_trace({folder.path()}, options);
  if (!result) ADD_FAILURE() << result.error();
  return result ? std::move(*result) : ImportResult();
}

ImportResult import_alone(const Capture& capture) {
  ImportOptions options;
  options.fill_missing_ranks = true;
  return import({capture}, options);
}

}  // namespace railyard::trace
