// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/unread_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace railyard::trace {
namespace {

struct UnreadFormat {
  std::string_view extension;  // of the file's name; empty: any
  std::string_view mark;       // in the content's beginning; empty: any
  std::string_view name;
  std::string_view remedy;
};

constexpr size_t kHead = 4096;

constexpr std::array<UnreadFormat, 13> kFormats = {{
    {".nsys-rep", "", "an Nsight Systems report",
     "nsys export --type sqlite --include-blobs=true converts it"},
    {".qdrep", "", "an Nsight Systems report", "nsys export --type sqlite --include-blobs=true converts it"},
    {".ncu-rep", "", "a Nsight Compute report",
     "it is of single kernels: profile a step with torch.profiler"},
    {".otf2", "", "an OTF2 archive", "Schedgen or ATLAHS converts MPI traces to GOAL"},
    {"", "MPI_Init:", "liballprof's trace of MPI", "LogGOPSim's Schedgen converts it to GOAL"},
    {".bin", "DUMPI", "a DUMPI trace", "dumpi2ascii and Schedgen convert it to GOAL"},
    {".pftrace", "", "a Perfetto trace", "profile a step with torch.profiler, whose JSON is read"},
    {".xplane.pb", "", "an XPlane profile of JAX or TensorFlow",
     "log its NCCL with NCCL_DEBUG=INFO NCCL_DEBUG_SUBSYS=INIT,COLL"},
    {"", "\x28\xb5\x2f\xfd", "compressed with zstd", "zstd -d unpacks it"},
    {"", "PK\x03\x04", "a zip archive", "unzip it; what torch.save wrote is no capture"},
    {"", "\xfd\x37zXZ", "compressed with xz", "xz -d unpacks it"},
    {"", "COLOCATED", "a workload of LLMServingSim", "write its Chakra .et files instead"},
    {"", "\"in_msg_size\"", "a trace for PARAM's comms replay",
     "give the PyTorch execution traces that it was made of"},
}};

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::optional<std::string> unread_format(const std::string& path, std::string_view content) {
  const std::string_view head = content.substr(0, kHead);
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const UnreadFormat& one) {
    return ends_with(path, one.extension) && head.find(one.mark) != std::string_view::npos;
  });
  if (found == kFormats.end()) return std::nullopt;
  return fmt::format("is {}, which is not read here: {}", found->name, found->remedy);
}

}  // namespace railyard::trace
