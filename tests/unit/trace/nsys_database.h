// SPDX-License-Identifier: BSD-3-Clause
// Writes databases as `nsys export --type sqlite --include-blobs=true` does, with the columns that are read:
// Nsight Systems' User Guide, "SQLite Export Schema Reference"; the payloads of NCCL's
// nvtx_payload_schemas.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace railyard::trace {

class NsysDatabase {
 public:
  explicit NsysDatabase(bool with_blobs = true);
  ~NsysDatabase();
  NsysDatabase(const NsysDatabase&) = delete;
  NsysDatabase& operator=(const NsysDatabase&) = delete;

  // Of one thread of process `pid`. Times are nanoseconds.
  void make_communicator(int64_t pid, int64_t at, uint64_t id, int32_t ranks, int32_t rank);
  void range(int64_t pid, int64_t start, int64_t end, const std::string& name);
  // `extra`: the peer of a send or receive, or the root.
  void call(int64_t pid, int64_t start, int64_t end, const std::string& function, uint64_t communicator,
            uint64_t bytes, int32_t extra = -1);
  void stream_wait(int64_t pid, int64_t at);
  void kernel(int64_t pid, int64_t launched, int64_t stream, int64_t start, int64_t end,
              const std::string& name);
  void run(const std::string& sql);

  std::string bytes() const;
  void write(const std::string& path) const;

 private:
  int64_t id_of(const std::string& text);
  void event(int64_t pid, int64_t start, int64_t end, const std::string& name, const std::string& blob);

  sqlite3* database_ = nullptr;
  bool with_blobs_;
  int64_t strings_ = 0, correlations_ = 0;
};

// What each of two ranks does, processes 100 and 101: local kernels on stream 7, an all-reduce of 4,096
// bytes beside them, a send and a receive in one kernel, and an all-reduce out of a CUDA graph.
void write_two_ranks(NsysDatabase& database);

}  // namespace railyard::trace
