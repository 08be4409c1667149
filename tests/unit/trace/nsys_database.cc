// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/trace/nsys_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include <fmt/format.h>

namespace railyard::trace {
namespace {

constexpr int64_t kDomain = 3;
constexpr int64_t kMaking = 11, kCollective = 12, kSendReceive = 13, kRooted = 14;  // schemas
constexpr int64_t kInt = 5, kUint64 = 18, kSize = 22;  // NVTX_PAYLOAD_ENTRY_TYPE_*

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::string blob_of(int64_t schema, const std::string& payload) {
  return little_endian(kDomain, 8) + little_endian(static_cast<uint64_t>(schema), 8) +
         little_endian(payload.size(), 8) + little_endian(32, 8) + payload;
}

std::string hexadecimal(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace

NsysDatabase::NsysDatabase(bool with_blobs) : with_blobs_(with_blobs) {
  EXPECT_EQ(sqlite3_open(":memory:", &database_), SQLITE_OK);
  run("PRAGMA page_size = 512");
  run("CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL)");
  run("CREATE TABLE NVTX_EVENTS (start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL, text TEXT, "
      "globalTid INTEGER, textId INTEGER, domainId INTEGER, binaryData BLOB)");
  run("CREATE TABLE NVTX_PAYLOAD_SCHEMA_ENTRIES (domainId INTEGER NOT NULL, schemaId INTEGER NOT NULL, idx "
      "INTEGER NOT NULL, type INTEGER, name TEXT, offset INTEGER)");
  run("CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER NOT NULL, end INTEGER NOT NULL, globalTid "
      "INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL)");
  run("CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId "
      "INTEGER "
      "NOT NULL, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER "
      "NOT "
      "NULL)");
  const auto entry = [&](int64_t schema, int idx, int64_t type, const char* name, const char* offset) {
    run(fmt::format("INSERT INTO NVTX_PAYLOAD_SCHEMA_ENTRIES VALUES ({}, {}, {}, {}, '{}', {})", kDomain,
                    schema, idx, type, name, offset));
  };
  for (const int64_t schema : {kMaking, kCollective, kSendReceive, kRooted})
    entry(schema, 0, kUint64, "NCCL communicator ID", "NULL");
  entry(kMaking, 1, kInt, "No. of ranks", "8");
  entry(kMaking, 2, kInt, "Rank", "12");
  for (const int64_t schema : {kCollective, kSendReceive, kRooted})
    entry(schema, 1, kSize, "Message size [bytes]", "8");
  entry(kSendReceive, 2, kInt, "Peer rank", "16");
  entry(kRooted, 2, kInt, "Root", "16");
}

NsysDatabase::~NsysDatabase() {
  sqlite3_close(database_);
}

void NsysDatabase::run(const std::string& sql) {
  EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(database_);
}

int64_t NsysDatabase::id_of(const std::string& text) {
  run(fmt::format("INSERT INTO StringIds VALUES ({}, '{}')", ++strings_, text));
  return strings_;
}

void NsysDatabase::event(int64_t pid, int64_t start, int64_t end, const std::string& name,
                         const std::string& blob) {
  const std::string data = blob.empty() || !with_blobs_ ? "NULL" : fmt::format("x'{}'", hexadecimal(blob));
  run(fmt::format("INSERT INTO NVTX_EVENTS VALUES ({}, {}, 59, NULL, {}, {}, {}, {})", start, end,
                  (pid << 24) + pid, id_of(name), kDomain, data));
}

void NsysDatabase::make_communicator(int64_t pid, int64_t at, uint64_t id, int32_t ranks, int32_t rank) {
  event(pid, at, at + 10, "ncclCommInitRankConfig",
        blob_of(kMaking, little_endian(id, 8) + little_endian(static_cast<uint32_t>(ranks), 4) +
                             little_endian(static_cast<uint32_t>(rank), 4) + little_endian(0, 8)));
}

void NsysDatabase::range(int64_t pid, int64_t start, int64_t end, const std::string& name) {
  event(pid, start, end, name, "");
}

void NsysDatabase::call(int64_t pid, int64_t start, int64_t end, const std::string& function,
                        uint64_t communicator, uint64_t bytes, int32_t extra) {
  const int64_t schema = extra < 0                                          ? kCollective
                         : function == "ncclSend" || function == "ncclRecv" ? kSendReceive
                                                                            : kRooted;
  const std::string last = extra < 0 ? "" : little_endian(static_cast<uint32_t>(extra), 8);
  event(pid, start, end, function,
        blob_of(schema, little_endian(communicator, 8) + little_endian(bytes, 8) + last));
}

void NsysDatabase::stream_wait(int64_t pid, int64_t at) {
  run(fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES ({}, {}, {}, {}, {})", at, at + 5,
                  (pid << 24) + pid, ++correlations_, id_of("cudaStreamWaitEvent_v3020")));
}

void NsysDatabase::kernel(int64_t pid, int64_t launched, int64_t stream, int64_t start, int64_t end,
                          const std::string& name) {
  run(fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES ({}, {}, {}, {}, {})", launched,
                  launched + 5, (pid << 24) + pid, ++correlations_, id_of("cudaLaunchKernelExC_v11060")));
  run(fmt::format("INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES ({}, {}, 0, {}, {}, {}, {})", start, end,
                  stream, correlations_, pid << 24, id_of(name)));
}

std::string NsysDatabase::bytes() const {
  sqlite3_int64 size = 0;
  unsigned char* const data = sqlite3_serialize(database_, "main", &size, 0);
  std::string bytes(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  sqlite3_free(data);
  return bytes;
}

void NsysDatabase::write(const std::string& path) const {
  std::ofstream(path, std::ios::binary) << bytes();
}

void write_two_ranks(NsysDatabase& database) {
  constexpr uint64_t kWorld = 0xfedcba9876543210;
  for (const int32_t rank : {0, 1}) {
    const int64_t pid = 100 + rank;
    database.make_communicator(pid, 0, kWorld, 2, rank);
    database.range(pid, 900, 1'650, "step 1");
    database.kernel(pid, 1'000, 7, 2'000, 5'000, "void gemm<float>(int)");
    database.stream_wait(pid, 1'050);  // by PyTorch, for the collective
    database.call(pid, 1'100, 1'300, "ncclAllReduce", kWorld, 4'096);
    database.kernel(pid, 1'200, 20, 5'000, 6'000, "ncclDevKernel_AllReduce_Sum_f32_RING_LL(x)");
    database.kernel(pid, 1'400, 7, 5'100, 8'100, "void gemm<float>(int)");
    database.stream_wait(pid, 1'500);  // Work::wait
    database.kernel(pid, 1'600, 7, 8'100, 9'100, "void add<float>(int)");
    database.range(pid, 1'700, 1'710, "ncclGroupStart");
    database.call(pid, 1'720, 1'730, "ncclSend", kWorld, 1'000, 1 - rank);
    database.call(pid, 1'740, 1'750, "ncclRecv", kWorld, 1'000, 1 - rank);
    database.range(pid, 1'760, 1'800, "ncclGroupEnd");
    database.kernel(pid, 1'780, 20, 9'100, 9'500, "ncclDevKernel_SendRecv(x)");
    database.kernel(pid, 1'900, 20, 9'600, 9'800, "ncclDevKernel_AllReduce_Sum_f32_RING_LL(x)");
  }
}

}  // namespace railyard::trace
