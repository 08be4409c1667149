// SPDX-License-Identifier: BSD-3-Clause
// Writes a generated trace as PyTorch's profiler would have recorded the job: the project's sample captures.
#pragma once

#include <string>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/units/quantity.h"

namespace railyard {

// The network on which the job is imagined to have run when it was captured: every collective takes `latency`
// and its bytes (2(n-1)/n of an all-reduce, (n-1)/n of the others) at `bandwidth`, after its last rank has
// arrived.
struct CapturedNetwork {
  SimTime latency = SimTime::microseconds(20);
  BitRate bandwidth = BitRate::gigabits(100);
};

// One Kineto JSON document a rank, for a valid trace of Compute and Collective operations. Local operations
// are kernels of the compute stream and collectives of NCCL's stream, in the order of the list; a NCCL kernel
// lasts from its rank's arrival to the common end. A local operation that waits for a collective is launched
// after a cudaStreamWaitEvent.
std::vector<std::string> write_kineto(const trace::Trace& trace, const CapturedNetwork& network);

}  // namespace railyard
