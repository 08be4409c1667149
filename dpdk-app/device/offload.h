// SPDX-License-Identifier: BSD-3-Clause
// What a NIC with checksum and segmentation offload does to the frames that a kernel leaves to it. Kernels do
// so on interfaces without a NIC, too: a veth takes TCP frames of 64 kB and hands on what was left undone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace railyard::lab {

// What is left to be done with a frame, as the kernel puts it ahead of the frame: struct virtio_net_hdr, in
// the machine's byte order [virtio 1.2, 5.1.6]. linux/virtio_net.h is not C++.
struct OffloadAccount {
  static constexpr uint8_t kNeedsChecksum = 1;
  static constexpr uint8_t kWhole = 0, kTcpIpv4 = 1, kTcpIpv6 = 4, kUdp = 5, kEcnBit = 0x80;

  uint8_t flags = 0, kind = 0;
  uint16_t header_bytes = 0, segment_payload = 0;
  uint16_t checksum_start = 0, checksum_offset = 0;  // from the frame's first byte, and from there
};
static_assert(sizeof(OffloadAccount) == 10);

// The checksum of what begins at `start`, whose field at `start + offset` holds the pseudo header's sum
// [virtio 1.2, 5.1.6.2]. False where the field lies outside of the frame.
bool complete_checksum(uint8_t* frame, size_t size, size_t start, size_t offset);

// One large frame as those that it stands for. TCP over IPv4 and IPv6, and UDP's segmentation.
class Segmentation {
 public:
  // Of a frame that is not kWhole, and must outlive it. Nothing: it is of a kind that is not known here, or
  // not as its account says.
  static std::optional<Segmentation> of(const uint8_t* frame, size_t size, const OffloadAccount& account);

  size_t count() const { return (size_ - headers_ + payload_ - 1) / payload_; }
  size_t size(size_t index) const;
  size_t longest() const { return size(0); }
  // `to` has room for size(index) bytes.
  void write(size_t index, uint8_t* to) const;

 private:
  Segmentation() = default;
  void amend_ip(size_t index, uint8_t* to) const;
  void amend_tcp(size_t index, uint8_t* tcp) const;

  const uint8_t* frame_ = nullptr;
  size_t size_ = 0;
  size_t ip_ = 0, transport_ = 0;  // where the headers begin
  size_t headers_ = 0, payload_ = 0;
  size_t checksum_ = 0;  // from the transport's header
  bool is_ipv4_ = false, is_tcp_ = false;
};

}  // namespace railyard::lab
