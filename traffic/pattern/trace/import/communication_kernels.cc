// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/communication_kernels.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace railyard::trace {
namespace {

using Mark = std::pair<std::string_view, std::string_view>;  // part of a kernel's name in lower case, library

// Local work that bears a communication library's name: DeepEP counts tokens before it sends them.
constexpr std::array<std::string_view, 1> kLocal = {"get_dispatch_layout"};

// The first that fits counts. Names as of NCCL 2.30.7 (src/device/generate.py, symmetric/generate.py), RCCL,
// PyTorch's CUDASymmetricMemoryOps.cu and nvshmem_extension.cu, vLLM's and SGLang's custom_all_reduce.cuh and
// quick_all_reduce.cuh, TensorRT-LLM's and FlashInfer's all-reduce kernels, TransformerEngine's
// userbuffers.cu, DeepEP's csrc/kernels, MSCCL++'s src/ext/collectives.
constexpr std::array<Mark, 39> kMarks = {{
    {"ncclkernel", "NCCL"},
    {"nccldevkernel", "NCCL"},
    {"ncclsymdevkernel", "NCCL"},
    {"ncclsymkdevkernel", "NCCL"},
    {"rcclkernel", "RCCL"},
    {"rccldevkernel", "RCCL"},
    {"msccl::", "MSCCL"},
    {"mscclkernel", "MSCCL"},
    {"mscclpp", "MSCCL++"},
    {"deep_ep", "DeepEP"},
    {"nvshmem", "NVSHMEM"},
    {"rocshmem", "rocSHMEM"},
    {"multimem_", "PyTorch symmetric memory"},
    {"one_shot_all_reduce", "PyTorch symmetric memory"},
    {"two_shot_all_reduce", "PyTorch symmetric memory"},
    {"symmetric_memory::", "PyTorch symmetric memory"},
    {"put_signal_kernel", "PyTorch symmetric memory"},
    {"wait_signal_kernel", "PyTorch symmetric memory"},
    {"all_to_all_vdev", "PyTorch symmetric memory"},
    {"cross_device_reduce", "custom all-reduce"},
    {"cross_device_store", "custom all-reduce"},
    {"quickreduce::", "quick all-reduce"},
    {"allreduce_prototype", "quick all-reduce"},
    {"oneshotallreduce", "TensorRT-LLM"},
    {"twoshotallreduce", "TensorRT-LLM"},
    {"allreduce_fusion", "TensorRT-LLM"},
    {"userbuffers", "userbuffers"},
    {"pplx::", "pplx"},
    {"mori::", "MORI"},
    {"uccl::", "UCCL"},
    {"memcpy ptop", "copy between GPUs"},
    {"memcpy p2p", "copy between GPUs"},
    {"allreduce", "unknown library"},
    {"all_reduce", "unknown library"},
    {"allgather", "unknown library"},
    {"all_gather", "unknown library"},
    {"reduce_scatter", "unknown library"},
    {"alltoall", "unknown library"},
    {"all_to_all", "unknown library"},
}};

}  // namespace

std::optional<std::string_view> communication_library(std::string_view kernel) {
  std::string name(kernel);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (std::any_of(kLocal.begin(), kLocal.end(), has)) return std::nullopt;
  for (const auto& [mark, library] : kMarks) {
    if (has(mark)) return library;
  }
  return std::nullopt;
}

std::string short_kernel_name(std::string_view kernel) {
  constexpr size_t kMaxName = 60;  // mangled names run to kilobytes
  constexpr std::string_view kReturnType = "void ";
  if (kernel.substr(0, kReturnType.size()) == kReturnType) kernel.remove_prefix(kReturnType.size());
  std::string name;
  for (size_t i = 0; i < kernel.size(); ++i) {
    bool unnamed = false;
    for (const std::string_view scope : {"(anonymous namespace)::", "<unnamed>::"}) {
      if (kernel.substr(i, scope.size()) != scope) continue;
      i += scope.size() - 1;
      unnamed = true;
      break;
    }
    if (unnamed) continue;
    if (kernel[i] == '<' || kernel[i] == '(') break;
    name += kernel[i] < ' ' || kernel[i] > '~' ? '?' : kernel[i];
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  if (name.empty()) name = "?";
  return name.size() > kMaxName ? name.substr(0, kMaxName - 3) + "..." : name;
}

}  // namespace railyard::trace
