// SPDX-License-Identifier: BSD-3-Clause
// Communication kernels of every library: sent where the capture says what, otherwise counted, and never
// compute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/kineto_capture.h"
#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/import/communication_kernels.h"
#include "traffic/pattern/trace/unattributed.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

uint64_t compute_ns(const Rank& rank) {
  uint64_t sum = 0;
  for (const Operation& operation : rank.operations()) sum += operation.compute().duration_ns();
  return sum;
}

struct Kernel {
  const char* name;
  const char* reported;
};

const Kernel kKernels[] = {
    {"ncclDevKernel_Generic(ncclDevKernelArgsStorage<4096ul>)", "ncclDevKernel_Generic (NCCL)"},
    {"ncclDevKernel_Generic_4(ncclDevKernelArgsStorage<4096ul>)", "ncclDevKernel_Generic_4 (NCCL)"},
    {"ncclSymkDevKernel_AllReduce_RSxLDMC_AGxSTMC_sum_bf16(ncclSymkDevWorkArgs4K)",
     "ncclSymkDevKernel_AllReduce_RSxLDMC_AGxSTMC_sum_bf16 (NCCL)"},
    {"void (anonymous namespace)::multimem_all_reduce_kernel<c10::BFloat16, 16>(c10::BFloat16*, unsigned "
     "long)",
     "multimem_all_reduce_kernel (PyTorch symmetric memory)"},
    {"void vllm::cross_device_reduce_1stage<__nv_bfloat16, 8>(vllm::RankData*, vllm::RankSignals)",
     "vllm::cross_device_reduce_1stage (custom all-reduce)"},
    {"void nvshmemi_transfer_rma_put<4>(int)", "nvshmemi_transfer_rma_put (NVSHMEM)"},
    {"void mscclpp::allreduce<int>(mscclpp::DeviceHandle<mscclpp::MemoryChannel>*)",
     "mscclpp::allreduce (MSCCL++)"},
    {"void deep_ep::internode::dispatch<false, 8, true>(int4*, float*)",
     "deep_ep::internode::dispatch (DeepEP)"},
    {"Memcpy PtoP (Device -> Device)", "Memcpy PtoP (copy between GPUs)"},
};

class UnattributedKernel : public testing::TestWithParam<Kernel> {};

// A replay computes before and after the kernel, as long as it would without the kernel.
TEST_P(UnattributedKernel, IsCountedAndNotComputed) {
  const auto step = [](bool with) {
    const double later = with ? 700 : 0;
    Capture capture(0, 2);
    capture.compute(0, 100, 0);
    if (with) capture.kernel(GetParam().name, kNcclStream, 100, 700, 10);
    if (with) capture.annotation("cuda_runtime", "cudaStreamWaitEvent", 15, 1);
    capture.compute(100 + later, 50, 20).collective("allreduce", 8, 8, 150 + later, 100, 30);
    return import_alone(capture);
  };
  const ImportResult without = step(false), with = step(true);
  EXPECT_EQ(compute_ns(without.trace.ranks(0)), 150'000u);
  EXPECT_EQ(compute_ns(with.trace.ranks(0)), 150'000u);
}

TEST_P(UnattributedKernel, IsPrintedWithNumberAndTime) {
  Capture capture(0, 2);
  capture.compute(0, 100, 0);
  for (int i = 0; i < 3; ++i) capture.kernel(GetParam().name, kComputeStream, 100 + 400.0 * i, 400, 10 + i);
  capture.collective("allreduce", 8, 8, 1300, 300, 30);
  const ImportResult result = import_alone(capture);
  ASSERT_THAT(result.trace.header().unattributed(), SizeIs(1));
  const Unattributed& one = result.trace.header().unattributed(0);
  EXPECT_EQ(one.what(), GetParam().reported);
  EXPECT_EQ(one.count(), 3u);
  EXPECT_EQ(one.time_ns(), 1'200'000u);
  EXPECT_DOUBLE_EQ(unattributed_share(result.trace.header()), 0.8);
  EXPECT_EQ(compute_ns(result.trace.ranks(0)), 100'000u);
  EXPECT_THAT(result.warnings,
              ElementsAre(HasSubstr(std::string("3 x ") + GetParam().reported + ", 1.200 ms: ")));
  EXPECT_THAT(describe(result.trace), HasSubstr("80.0 % of the communication is not attributed"));
  EXPECT_THAT(describe(result.trace), HasSubstr("3 x "));
  EXPECT_THAT(describe(result.trace), HasSubstr("1.200 ms\n"));
}

INSTANTIATE_TEST_SUITE_P(Libraries, UnattributedKernel, testing::ValuesIn(kKernels), [](const auto& info) {
  std::string name = info.param.reported;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

// Two operators of the two libraries that have one; each of the 16-bit tensors is sent once, however many
// kernels do it.
TEST(KinetoKernels, AreTakenFromTheirOperator) {
  Capture capture(1, 4);
  capture.document()["distributedInfo"]["pg_config"] = {{{"pg_name", "0"}, {"ranks", {0, 1, 2, 3}}},
                                                        {{"pg_name", "7"}, {"ranks", {0, 1}}}};
  capture.event("cpu_op", "symm_mem::multimem_all_reduce_", 1, 100, 50,
                {{"Input Dims", {{32, 64}, json::array(), json::array()}},
                 {"Input type", {"c10::BFloat16", "", ""}},
                 {"Concrete Inputs", {"", "sum", "7"}}});
  capture.kernel("void multimem_all_reduce_kernel<c10::BFloat16, 16>(int)", kComputeStream, 200, 10, 110)
      .kernel("void c10d::symmetric_memory::barrier_kernel(int)", kComputeStream, 210, 10, 120);
  ImportOptions options;
  options.partial = true;
  const ImportResult result = import({capture}, options);
  EXPECT_THAT(result.trace.header().unattributed(), IsEmpty());
  std::vector<Collective> found;
  for (const Operation& operation : result.trace.ranks(1).operations())
    if (operation.has_collective()) found.push_back(operation.collective());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind(), ALL_REDUCE);
  EXPECT_EQ(found[0].bytes(), 4096u);
  EXPECT_THAT(result.trace.header().groups(static_cast<int>(found[0].group())).ranks(), ElementsAre(0, 1));
}

TEST(KinetoKernels, ACustomAllReduceNeedsOneGroupToRunIn) {
  const auto shares = [](const json& groups) {
    Capture capture(0, 2);
    capture.document()["distributedInfo"]["pg_config"] = groups;
    capture.event("cpu_op", "_C_custom_ar::all_reduce", 1, 100, 50,
                  {{"Input Dims", {json::array(), {8, 512}}}, {"Input type", {"Scalar", "c10::Half"}}});
    capture.kernel("void vllm::cross_device_reduce_2stage<half, 2>(int)", kComputeStream, 200, 10, 110);
    return unattributed_share(import_alone(capture).trace.header());
  };
  EXPECT_EQ(shares({{{"pg_name", "0"}, {"ranks", {0, 1}}}, {{"pg_name", "3"}, {"ranks", {0}}}}), 0);
  EXPECT_EQ(shares(json::array()), 1) << "no group is known";
}

TEST(KinetoKernels, LocalWorkIsLocal) {
  for (const char* name :
       {"void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float>>(int)", "ampere_bf16_s16816gemm",
        "void deep_ep::layout::get_dispatch_layout<256, 32, 8>(long const*)",
        "Memcpy DtoD (Device -> Device)", "void cublasLt::splitKreduce_kernel<32, 16>(int)",
        "triton_poi_fused_mul_0"}) {
    EXPECT_FALSE(communication_library(name)) << name;
  }
}

}  // namespace
}  // namespace railyard::trace
