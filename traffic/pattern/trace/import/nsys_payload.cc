// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nsys_payload.h"

#include <utility>

namespace railyard::trace {
namespace {

constexpr size_t kHead = 32;

// Little-endian, as every machine is that NCCL runs on.
int64_t integer_at(std::string_view bytes, size_t offset, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(bytes[offset + i])} << (8 * i);
  return static_cast<int64_t>(value);
}

// Bytes of an integer by NVTX_PAYLOAD_ENTRY_TYPE_*: int and unsigned, the 64-bit ones, size_t; 0 of another.
size_t size_of(int64_t type) {
  constexpr int64_t kInt = 5, kUint = 6, kInt32 = 15, kUint32 = 16, kInt64 = 17, kUint64 = 18, kSize = 22;
  switch (type) {
    case kInt:
    case kUint:
    case kInt32:
    case kUint32:
      return 4;
    case kInt64:
    case kUint64:
    case kSize:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

void NsysPayloadSchemas::add_entry(int64_t domain, int64_t schema, std::string name, int64_t type,
                                   int64_t offset) {
  if (offset >= 0) entries_[{domain, schema}].push_back({std::move(name), type, offset});
}

NsysPayload NsysPayloadSchemas::decode(std::string_view blob) const {
  NsysPayload payload;
  if (blob.size() < kHead) return payload;
  const auto found = entries_.find({integer_at(blob, 0, 8), integer_at(blob, 8, 8)});
  if (found == entries_.end()) return payload;
  const std::string_view values = blob.substr(kHead);
  for (const Entry& entry : found->second) {
    const size_t size = size_of(entry.type);
    const auto offset = static_cast<uint64_t>(entry.offset);
    if (size == 0 || offset > values.size() || values.size() - offset < size) continue;
    payload[entry.name] = integer_at(values, static_cast<size_t>(offset), size);
  }
  return payload;
}

}  // namespace railyard::trace
