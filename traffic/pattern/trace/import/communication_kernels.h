// SPDX-License-Identifier: BSD-3-Clause
// Which kernels communicate, whatever library they are from. A name that is taken for compute by mistake
// would make a rank slower instead of its network busier, so that the list is wide.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace railyard::trace {

// The library of a kernel that communicates: "NCCL", "DeepEP", ...; nothing for local work.
std::optional<std::string_view> communication_library(std::string_view kernel);

// Its name without return type, template arguments and parameters: "vllm::cross_device_reduce_1stage".
std::string short_kernel_name(std::string_view kernel);

}  // namespace railyard::trace
