// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/roce_pcap.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/packet_file.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

// InfiniBand Architecture Specification 1.4, section 9.2 and annex A17 (RoCEv2).
constexpr uint32_t kRocePort = 4791;
constexpr size_t kBth = 12, kReth = 16, kImmediate = 4, kIcrc = 4;
constexpr uint32_t kSequences = 1U << 24;

enum class Part : uint8_t { Other, WriteBegin, WriteRest, SendBegin, SendRest, ReadRequest };

struct Kind {
  Part part = Part::Other;
  bool ends = false;
  size_t headers = 0;  // behind the BTH
};

// Opcodes of the reliable connection; those of other services differ in their upper three bits.
Kind kind_of(uint8_t opcode) {
  switch (opcode) {
    case 0x00:
      return {Part::SendBegin, false, 0};
    case 0x01:
      return {Part::SendRest, false, 0};
    case 0x02:
      return {Part::SendRest, true, 0};
    case 0x03:
      return {Part::SendRest, true, kImmediate};
    case 0x04:
      return {Part::SendBegin, true, 0};
    case 0x05:
      return {Part::SendBegin, true, kImmediate};
    case 0x06:
      return {Part::WriteBegin, false, kReth};
    case 0x0a:
      return {Part::WriteBegin, true, kReth};
    case 0x0b:
      return {Part::WriteBegin, true, kReth + kImmediate};
    case 0x07:
    case 0x08:
    case 0x09:
      return {Part::WriteRest, false, 0};
    case 0x0c:
      return {Part::ReadRequest, true, kReth};
    default:
      return {};
  }
}

struct RocePacket {
  std::string source, destination;  // addresses as bytes
  uint8_t opcode = 0;
  uint32_t queue_pair = 0, sequence = 0;
  size_t payload = 0;       // as sent, also where the capture cut it
  uint32_t dma_length = 0;  // of the RETH
};

uint32_t big_endian(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

// Nothing for what is no RoCEv2, or was cut before its headers end.
std::optional<RocePacket> parse(std::string_view frame) {
  constexpr size_t kEthernet = 14, kVlan = 4, kUdp = 8, kIpv4 = 20, kIpv6 = 40;
  constexpr uint32_t kUdpProtocol = 17;
  size_t at = kEthernet;
  if (frame.size() < at) return std::nullopt;
  uint32_t type = big_endian(frame, at - 2, 2);
  while ((type == 0x8100 || type == 0x88a8) && frame.size() >= at + kVlan) {
    at += kVlan;
    type = big_endian(frame, at - 2, 2);
  }
  RocePacket packet;
  size_t udp = 0;
  if (type == 0x0800 && frame.size() >= at + kIpv4 && big_endian(frame, at + 9, 1) == kUdpProtocol) {
    udp = at + (static_cast<size_t>(frame[at]) & 0xf) * 4;
    packet.source = std::string(frame.substr(at + 12, 4));
    packet.destination = std::string(frame.substr(at + 16, 4));
  } else if (type == 0x86dd && frame.size() >= at + kIpv6 && big_endian(frame, at + 6, 1) == kUdpProtocol) {
    udp = at + kIpv6;
    packet.source = std::string(frame.substr(at + 8, 16));
    packet.destination = std::string(frame.substr(at + 24, 16));
  }
  if (udp == 0 || frame.size() < udp + kUdp + kBth || big_endian(frame, udp + 2, 2) != kRocePort)
    return std::nullopt;
  const size_t bth = udp + kUdp;
  packet.opcode = static_cast<uint8_t>(frame[bth]);
  packet.queue_pair = big_endian(frame, bth + 5, 3);
  packet.sequence = big_endian(frame, bth + 9, 3);
  const Kind kind = kind_of(packet.opcode);
  const size_t padding = static_cast<uint8_t>(frame[bth + 1]) >> 4 & 3U;
  const size_t length = big_endian(frame, udp + 4, 2);  // of UDP, with its header
  const size_t overhead = kUdp + kBth + kind.headers + padding + kIcrc;
  packet.payload = length > overhead ? length - overhead : 0;
  if (kind.headers >= kReth) {
    if (frame.size() < bth + kBth + kReth) return std::nullopt;
    packet.dma_length = big_endian(frame, bth + kBth + 12, 4);
  }
  return packet;
}

struct Message {
  std::string from, to;
  uint32_t queue_pair = 0;
  uint64_t at_ns = 0;
  uint64_t bytes = 0;
};

class Collector {
 public:
  void add(uint64_t at_ns, const RocePacket& packet) {
    const Kind kind = kind_of(packet.opcode);
    if (kind.part == Part::Other) return;
    Flow& flow = flows_[{packet.source, packet.destination, packet.queue_pair}];
    const bool begins = kind.part != Part::WriteRest && kind.part != Part::SendRest;
    // Less than half the circle behind what was seen: sent again.
    const uint32_t ahead = (packet.sequence - flow.next) & (kSequences - 1);
    const bool again = flow.seen && ahead >= kSequences / 2;
    if (again) return;
    flow.seen = true;
    flow.next = (packet.sequence + 1) & (kSequences - 1);
    if (begins) {
      const bool is_read = kind.part == Part::ReadRequest;
      const bool is_send = kind.part == Part::SendBegin;
      flow.open = messages.size();
      messages.push_back({is_read ? packet.destination : packet.source,
                          is_read ? packet.source : packet.destination, packet.queue_pair, at_ns,
                          is_send ? packet.payload : packet.dma_length});
      if (is_read) flow.next = (packet.sequence) & (kSequences - 1);  // a response takes as many as it needs
    } else if (kind.part == Part::SendRest && flow.open) {
      messages[*flow.open].bytes += packet.payload;
    }
    if (kind.ends) flow.open.reset();
  }

  std::vector<Message> messages;

 private:
  struct Flow {
    bool seen = false;
    uint32_t next = 0;  // sequence number
    std::optional<size_t> open;
  };
  std::map<std::tuple<std::string, std::string, uint32_t>, Flow> flows_;
};

}  // namespace

bool recognises_roce_pcap(std::string_view content) {
  return looks_like_packet_file(content);
}

tl::expected<ImportResult, std::string> import_roce_pcap(const std::vector<std::string>& files,
                                                         const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: merge packet captures into one first (mergecap), so that no packet is in it twice",
                    files.front()));
  const std::string& path = files.front();
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  PacketFile packets(*content, path);
  Collector collector;
  while (true) {
    const auto packet = packets.next();
    if (!packet) return tl::make_unexpected(packet.error());
    if (!packet->has_value()) break;
    if (const auto roce = parse((*packet)->bytes)) collector.add((*packet)->at_ns, *roce);
  }
  std::vector<Message>& messages = collector.messages;
  messages.erase(std::remove_if(messages.begin(), messages.end(),
                                [](const Message& one) { return one.bytes == 0 || one.from == one.to; }),
                 messages.end());
  if (messages.empty())
    return tl::make_unexpected(path + ": holds no message of RoCEv2 (reliable connection, UDP port 4791)");
  std::stable_sort(messages.begin(), messages.end(),
                   [](const Message& a, const Message& b) { return a.at_ns < b.at_ns; });
  std::map<std::string, uint32_t> numbers;
  for (const Message& one : messages) numbers[one.from] = numbers[one.to] = 0;
  uint32_t next = 0;
  for (auto& [address, number] : numbers) number = next++;
  std::vector<ImportedRank> ranks(numbers.size());
  for (uint32_t r = 0; r < next; ++r) {
    ranks[r].file = path;
    ranks[r].world_size = next;
    ranks[r].rank.set_rank(r);
  }
  const uint64_t beginning_ns = messages.front().at_ns;
  CommunicationLedger ledger;
  for (const Message& one : messages) {
    const uint32_t from = numbers.at(one.from), to = numbers.at(one.to);
    RankBuilder sender(ranks[from].rank);
    RankBuilder::Indices after;
    if (one.at_ns > beginning_ns) after.push_back(sender.compute("until posted", one.at_ns - beginning_ns));
    const uint32_t sent = sender.send(to, one.bytes, one.queue_pair, after);
    ranks[from]
        .rank.mutable_operations(static_cast<int>(sent))
        ->set_captured_start_ns(one.at_ns - beginning_ns);
    RankBuilder(ranks[to].rank).receive(from, one.bytes, one.queue_pair);
    ledger.attribute(0);
  }
  auto trace = assemble(std::move(ranks), GroupTable(), options);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  trace->mutable_header()->set_plain_messages(true);
  return ImportResult{std::move(*trace), {}};
}

}  // namespace railyard::trace
