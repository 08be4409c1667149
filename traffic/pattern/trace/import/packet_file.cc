// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/packet_file.h"

#include <fmt/format.h>

namespace railyard::trace {
namespace {

// IETF drafts opsawg-pcap and opsawg-pcapng.
constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kNanoseconds = 0xa1b23c4d;
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kByteOrder = 0x1a2b3c4d;
constexpr uint32_t kInterface = 1;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kOptionResolution = 9;
constexpr uint32_t kEthernet = 1;
constexpr size_t kPcapHeader = 24;
constexpr size_t kRecordHeader = 16;
constexpr size_t kBlockOverhead = 12;

uint32_t swap(uint32_t value) {
  return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

uint32_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size && at + i < bytes.size(); ++i)
    value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

}  // namespace

bool looks_like_packet_file(std::string_view head) {
  if (head.size() < 4) return false;
  const uint32_t magic = little_endian(head, 0, 4);
  for (const uint32_t known : {kMicroseconds, kNanoseconds, kSectionHeader}) {
    if (magic == known || magic == swap(known)) return true;
  }
  return false;
}

tl::unexpected<std::string> PacketFile::failure(const std::string& what) const {
  return tl::make_unexpected(fmt::format("{}: byte {}: {}", name_, at_, what));
}

uint32_t PacketFile::u16(size_t at) const {
  const uint32_t value = little_endian(bytes_, at, 2);
  return swapped_ ? swap(value) >> 16 : value;
}

uint32_t PacketFile::u32(size_t at) const {
  const uint32_t value = little_endian(bytes_, at, 4);
  return swapped_ ? swap(value) : value;
}

tl::expected<void, std::string> PacketFile::open() {
  const uint32_t magic = little_endian(bytes_, 0, 4);
  is_pcapng_ = magic == kSectionHeader;
  if (is_pcapng_) return {};
  swapped_ = magic == swap(kMicroseconds) || magic == swap(kNanoseconds);
  const uint32_t kind = swapped_ ? swap(magic) : magic;
  if (kind != kMicroseconds && kind != kNanoseconds) return failure("is no pcap or pcapng file");
  fraction_ns_ = kind == kNanoseconds ? 1 : 1000;
  if (bytes_.size() < kPcapHeader) return failure("the file is cut short in its header");
  if ((u32(20) & 0xffff) != kEthernet)
    return failure("its link type is not Ethernet: capture on the Ethernet port");
  at_ = kPcapHeader;
  return {};
}

tl::expected<std::optional<CapturedPacket>, std::string> PacketFile::next() {
  if (at_ == 0) {
    if (auto opened = open(); !opened) return tl::make_unexpected(opened.error());
  }
  return is_pcapng_ ? next_of_pcapng() : next_of_pcap();
}

PacketFile::Packet PacketFile::next_of_pcap() {
  if (at_ == bytes_.size()) return std::nullopt;
  if (bytes_.size() - at_ < kRecordHeader) return failure("a packet's header is cut short");
  const uint64_t at_ns = uint64_t{u32(at_)} * 1'000'000'000 + u32(at_ + 4) * fraction_ns_;
  const size_t size = u32(at_ + 8);
  if (bytes_.size() - at_ - kRecordHeader < size)
    return failure("a packet is cut short: copy the file again");
  const CapturedPacket packet = {at_ns, bytes_.substr(at_ + kRecordHeader, size)};
  at_ += kRecordHeader + size;
  return packet;
}

PacketFile::Packet PacketFile::next_of_pcapng() {
  while (at_ < bytes_.size()) {
    if (bytes_.size() - at_ < kBlockOverhead) return failure("a block is cut short: copy the file again");
    if (little_endian(bytes_, at_, 4) == kSectionHeader) {
      swapped_ = false;
      swapped_ = u32(at_ + 8) != kByteOrder;
      units_per_second_.clear();
    }
    const uint32_t type = u32(at_);
    const size_t size = u32(at_ + 4);
    if (size < kBlockOverhead || size % 4 != 0 || bytes_.size() - at_ < size)
      return failure("a block is cut short or damaged: copy the file again");
    const size_t begin = at_;
    at_ += size;
    if (type == kInterface) {
      if (auto read = read_interface(begin, size); !read) return tl::make_unexpected(read.error());
    } else if (type == kEnhancedPacket) {
      constexpr size_t kFixed = 28;
      const size_t interface = u32(begin + 8);
      const size_t captured = u32(begin + 20);
      if (size < kFixed + 4 || captured > size - kFixed - 4 || interface >= units_per_second_.size())
        return failure("a packet's block is damaged");
      const uint64_t units = uint64_t{u32(begin + 12)} << 32 | u32(begin + 16);
      const uint64_t rate = units_per_second_[interface];
      const auto at_ns = static_cast<uint64_t>(static_cast<unsigned __int128>(units) * 1'000'000'000 / rate);
      return CapturedPacket{at_ns, bytes_.substr(begin + kFixed, captured)};
    }
  }
  return std::nullopt;
}

tl::expected<void, std::string> PacketFile::read_interface(size_t at, size_t size) {
  constexpr size_t kFixed = 16;
  if (size < kFixed + 4) return failure("an interface's block is damaged");
  if (u16(at + 8) != kEthernet) return failure("an interface's link type is not Ethernet");
  uint64_t units = 1'000'000;
  const size_t end = at + size - 4;
  for (size_t option = at + kFixed; option + 4 <= end;) {
    const uint32_t code = u16(option);
    const size_t length = u16(option + 2);
    if (code == 0) break;
    if (code == kOptionResolution && length == 1 && option + 4 < end) {
      const auto power = static_cast<uint8_t>(bytes_[option + 4]);
      constexpr int kMostDigits = 18, kMostBits = 62;
      if ((power & 0x80) == 0 && power <= kMostDigits) {
        units = 1;
        for (int i = 0; i < power; ++i) units *= 10;
      } else if ((power & 0x7f) <= kMostBits) {
        units = uint64_t{1} << (power & 0x7f);
      }
    }
    option += 4 + (length + 3) / 4 * 4;
  }
  units_per_second_.push_back(units);
  return {};
}

}  // namespace railyard::trace
