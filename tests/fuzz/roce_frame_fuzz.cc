// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: the decoders take any bytes. What decodes is encoded again and must come back the same; the ICRC
// of the input is mended first, or hardly any input would get past it.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tests/fuzz/mended_frame.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace {

using namespace railyard;

constexpr size_t kJumbo = 9'216;

void check_round_trip(const DecodedFrame& decoded) {
  if (decoded.kind != PacketKind::Data) return;
  Packet packet{};
  packet.kind = decoded.kind;
  packet.flags = decoded.flags;
  packet.psn = decoded.psn;
  packet.tos = decoded.tos;
  packet.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(
      static_cast<uint32_t>(decoded.payload_size), (decoded.flags & packet_flag::kFirst) != 0));
  FrameBody body;
  body.payload = decoded.payload;
  body.payload_size = decoded.payload_size;
  body.reth = decoded.reth;
  std::vector<uint8_t> out(decoded.frame_bytes + ethernet::kMinimumNoFcs);
  const size_t size = encode(packet, decoded.address, body, out.data(), out.size());
  const auto again = decode(out.data(), size);
  if (!again || again->psn != decoded.psn || again->opcode != decoded.opcode ||
      again->payload_size != decoded.payload_size || again->reth.dma_length != decoded.reth.dma_length) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)railyard::decode(data, size);
  (void)railyard::decode_pause(data, size);
  if (size > kJumbo) return 0;
  std::vector<uint8_t> frame(data, data + size);
  fuzz::mend(frame);
  if (const auto decoded = railyard::decode(frame.data(), frame.size())) check_round_trip(*decoded);
  return 0;
}
