// SPDX-License-Identifier: BSD-3-Clause
// The binary payloads of NVTX ranges in an SQLite export of Nsight Systems.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace railyard::trace {

// By an entry's name: "Message size [bytes]".
using NsysPayload = std::map<std::string, int64_t>;

// NVTX_PAYLOAD_SCHEMA_ENTRIES.
class NsysPayloadSchemas {
 public:
  void add_entry(int64_t domain, int64_t schema, std::string name, int64_t type, int64_t offset);
  // Of NVTX_EVENTS.binaryData: 32 bytes of head (domain, schema and the payload's size, 64 bits each), then
  // the payload. Empty where its schema is not known, and without what does not fit in it.
  NsysPayload decode(std::string_view blob) const;

 private:
  struct Entry {
    std::string name;
    int64_t type = 0, offset = 0;
  };
  std::map<std::pair<int64_t, int64_t>, std::vector<Entry>> entries_;  // by domain and schema
};

}  // namespace railyard::trace
