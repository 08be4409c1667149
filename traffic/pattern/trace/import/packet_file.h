// SPDX-License-Identifier: BSD-3-Clause
// Packets of a pcap or pcapng file, one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::trace {

struct CapturedPacket {
  uint64_t at_ns = 0;
  std::string_view bytes;  // from the Ethernet header, as far as they were captured
};

bool looks_like_packet_file(std::string_view head);

class PacketFile {
 public:
  PacketFile(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  // Nothing at the end. The error names file and byte.
  tl::expected<std::optional<CapturedPacket>, std::string> next();

 private:
  using Packet = tl::expected<std::optional<CapturedPacket>, std::string>;

  tl::unexpected<std::string> failure(const std::string& what) const;
  uint32_t u16(size_t at) const;
  uint32_t u32(size_t at) const;
  tl::expected<void, std::string> open();
  Packet next_of_pcap();
  Packet next_of_pcapng();
  tl::expected<void, std::string> read_interface(size_t at, size_t size);

  std::string_view bytes_;
  std::string_view name_;
  size_t at_ = 0;
  bool swapped_ = false;  // the file's byte order is not little-endian
  bool is_pcapng_ = false;
  uint64_t fraction_ns_ = 1000;             // pcap: of one unit of the second word
  std::vector<uint64_t> units_per_second_;  // pcapng: of each interface
};

}  // namespace railyard::trace
