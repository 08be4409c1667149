// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/packet_receiver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "dpdk-app/device/packet_sockets.h"
#include "dpdk-app/device/port_name.h"

namespace railyard::lab {
namespace {

constexpr unsigned kSlots = 4'096;      // with so many a two-core machine loses below 1 % of small frames
constexpr size_t kLongestIp = 65'535;   // RFC 791; RFC 8200 without jumbograms counts the header apart
constexpr size_t kLongestHeaders = 64;  // Ethernet's, a tag and IPv6's

std::string system_error() {
  return std::strerror(errno);
}

template <class T>
bool set_option(int socket, int level, int option, const T& value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

bool receive_nothing(int socket) {
  sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program = {1, &nothing};
  return set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

}  // namespace

PacketReceiver::PacketReceiver(int socket, uint32_t max_frame_bytes, rte_mempool* pool)
    : socket_(socket),
      max_bytes_(max_frame_bytes - RTE_ETHER_CRC_LEN),
      pool_(pool),
      whole_(sizeof(OffloadAccount) + kLongestHeaders + kLongestIp) {}

PacketReceiver::~PacketReceiver() {
  for (; given_ < waiting_.size(); ++given_) rte_pktmbuf_free(waiting_[given_]);
  if (ring_ != nullptr) munmap(ring_, slots_ * slot_bytes_);
  close(socket_);
}

tl::expected<std::unique_ptr<PacketReceiver>, std::string> PacketReceiver::open(const std::string& interface,
                                                                                uint32_t max_frame_bytes,
                                                                                rte_mempool* pool) {
  const unsigned index = if_nametoindex(interface.c_str());
  // Of no protocol: nothing comes before its ring stands.
  const int socket = index == 0 ? -1 : ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return tl::make_unexpected(fmt::format("no packet socket for '{}': {}", interface, system_error()));
  std::unique_ptr<PacketReceiver> opened(new PacketReceiver(socket, max_frame_bytes, pool));
  if (auto done = opened->set_up(index); !done)
    return tl::make_unexpected(
        fmt::format("frames cannot be received from '{}': {}", interface, done.error()));
  return opened;
}

tl::expected<void, std::string> PacketReceiver::set_up(unsigned interface_index) {
  const int version = TPACKET_V2, on = 1;
  if (!set_option(socket_, SOL_PACKET, PACKET_VERSION, version) ||
      !set_option(socket_, SOL_PACKET, PACKET_VNET_HDR, on) ||
      !set_option(socket_, SOL_PACKET, PACKET_COPY_THRESH, on) ||
      !set_option(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, on))
    return tl::make_unexpected(fmt::format("a packet socket refuses an option ({})", system_error()));
  if (auto made = make_ring(); !made) return made;
  // What is longer than a slot waits in the socket's buffer. The first needs CAP_NET_ADMIN.
  const int no_limit = std::numeric_limits<int>::max();
  if (!set_option(socket_, SOL_SOCKET, SO_RCVBUFFORCE, no_limit))
    set_option(socket_, SOL_SOCKET, SO_RCVBUF, no_limit);

  for (const int other : packet_sockets_of(interface_index))
    if (!receive_nothing(other))
      return tl::make_unexpected(fmt::format("DPDK's packet socket takes no filter ({})", system_error()));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(interface_index);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return tl::make_unexpected(system_error());
  return {};
}

tl::expected<void, std::string> PacketReceiver::make_ring() {
  tpacket_req request{};
  request.tp_frame_size =
      frame_slot_bytes(static_cast<uint32_t>(max_bytes_ + RTE_VLAN_HLEN + sizeof(OffloadAccount)));
  request.tp_block_size = packet_block_bytes(request.tp_frame_size);
  request.tp_block_nr = kSlots * request.tp_frame_size / request.tp_block_size;
  request.tp_frame_nr = request.tp_block_size / request.tp_frame_size * request.tp_block_nr;
  slot_bytes_ = request.tp_frame_size;
  slots_ = request.tp_frame_nr;
  void* mapped = MAP_FAILED;
  if (set_option(socket_, SOL_PACKET, PACKET_RX_RING, request))
    mapped = mmap(nullptr, slots_ * slot_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, socket_, 0);
  if (mapped == MAP_FAILED)
    return tl::make_unexpected(
        fmt::format("no memory for a ring of {} bytes ({})", slots_ * slot_bytes_, system_error()));
  ring_ = static_cast<uint8_t*>(mapped);
  return {};
}

uint16_t PacketReceiver::receive(rte_mbuf** frames, uint16_t room) {
  uint16_t count = 0;
  while (count < room) {
    if (given_ < waiting_.size())
      frames[count++] = waiting_[given_++];
    else if (!take_next())
      break;
  }
  return count;
}

bool PacketReceiver::take_next() {
  auto& slot = *reinterpret_cast<tpacket2_hdr*>(ring_ + next_ * slot_bytes_);
  if ((__atomic_load_n(&slot.tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) return false;
  waiting_.clear();
  given_ = 0;
  take(slot);
  if ((slot.tp_status & TP_STATUS_VLAN_VALID) != 0) {
    for (rte_mbuf*& frame : waiting_) {
      frame->vlan_tci = slot.tp_vlan_tci;
      rte_vlan_insert(&frame);  // into the headroom
    }
  }
  __atomic_store_n(&slot.tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  next_ = next_ + 1 == slots_ ? 0 : next_ + 1;
  return true;
}

void PacketReceiver::take(const tpacket2_hdr& slot) {
  OffloadAccount account{};
  if (slot.tp_snaplen == slot.tp_len) {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&slot) + slot.tp_mac;
    std::memcpy(&account, bytes - sizeof account, sizeof account);
    deliver(account, bytes, slot.tp_len);
    return;
  }
  // The whole of it waits in the socket's buffer, unless that was full.
  const size_t wanted = sizeof account + slot.tp_len;
  const bool waits = (slot.tp_status & TP_STATUS_COPY) != 0;
  const ssize_t got = waits ? recv(socket_, whole_.data(), whole_.size(), MSG_DONTWAIT) : -1;
  if (got != static_cast<ssize_t>(wanted)) {
    ++counters_.undeliverable;
    return;
  }
  std::memcpy(&account, whole_.data(), sizeof account);
  deliver(account, whole_.data() + sizeof account, slot.tp_len);
}

void PacketReceiver::deliver(const OffloadAccount& account, const uint8_t* bytes, size_t size) {
  if (account.kind != OffloadAccount::kWhole) return cut(account, bytes, size);
  if (size > max_bytes_) {
    ++counters_.undeliverable;
    return;
  }
  rte_mbuf* frame = make(size);
  if (frame == nullptr) return;
  auto* to = rte_pktmbuf_mtod(frame, uint8_t*);
  std::memcpy(to, bytes, size);
  if ((account.flags & OffloadAccount::kNeedsChecksum) != 0 &&
      complete_checksum(to, size, account.checksum_start, account.checksum_offset))
    ++counters_.completed;
  waiting_.push_back(frame);
}

void PacketReceiver::cut(const OffloadAccount& account, const uint8_t* bytes, size_t size) {
  const auto segments = Segmentation::of(bytes, size, account);
  if (!segments || segments->longest() > max_bytes_) {
    ++counters_.undeliverable;
    return;
  }
  ++counters_.cut;
  for (size_t i = 0; i < segments->count(); ++i) {
    rte_mbuf* frame = make(segments->size(i));
    if (frame == nullptr) continue;
    segments->write(i, rte_pktmbuf_mtod(frame, uint8_t*));
    waiting_.push_back(frame);
    ++counters_.made;
  }
}

rte_mbuf* PacketReceiver::make(size_t size) {
  rte_mbuf* frame = rte_pktmbuf_alloc(pool_);
  if (frame != nullptr && rte_pktmbuf_append(frame, static_cast<uint16_t>(size)) != nullptr) {
    ++packets_;
    bytes_ += size;
    return frame;
  }
  rte_pktmbuf_free(frame);
  ++counters_.no_buffer;
  return nullptr;
}

}  // namespace railyard::lab
