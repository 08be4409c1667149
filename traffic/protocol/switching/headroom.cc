// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/headroom.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "traffic/protocol/wire/packet.h"
#include "traffic/units/priority_set.h"

namespace railyard {
namespace {

constexpr uint64_t kMegabit = 1'000'000;
constexpr uint64_t kGigabit = 1'000'000'000;

struct AnnexDelays {
  uint64_t rate_gbps;
  uint64_t interface_bits;
  uint64_t response_bits;
};
constexpr std::array<AnnexDelays, 4> kAnnexDelays = {
    {{10, 8'192, 30'720}, {25, 6'144, 40'960}, {40, 24'576, 60'416}, {100, 122'880, 201'728}}};
constexpr uint64_t kPfcFrameBits = 672;  // with preamble and gap
constexpr double kCableNsPerMetre = 5;

// Pause quanta a peer may take to respond, by Gb/s [IEEE 802.3 annex 31B.3.7, as the Lua script has them].
struct PeerResponse {
  uint64_t rate_gbps;
  uint32_t quanta;
};
constexpr std::array<PeerResponse, 8> kPeerResponses = {
    {{10, 67}, {25, 80}, {40, 118}, {50, 147}, {100, 394}, {200, 453}, {400, 905}, {800, 905}}};
constexpr uint32_t kQuantumBytes = 64;

constexpr double kKibibyte = 1'024;
constexpr double kMinimumPacket = 64;
constexpr double kLightInFibre = 1.98e8;  // metres a second
constexpr double kMacAndPhyBytes = 0.8 * kKibibyte;
constexpr double kTilePipelineNs = 120;

template <class Row, size_t N>
const Row* find_rate(const std::array<Row, N>& rows, BitRate rate) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Row& r) { return r.rate_gbps * kGigabit == rate.bps; });
  return row == rows.end() ? nullptr : &*row;
}

tl::unexpected<std::string> unknown_rate(BitRate rate, const char* what, const char* known) {
  return tl::unexpected<std::string>(
      fmt::format("no {} is given for {}: use one of {}", what, format(rate), known));
}

// How many times its own size a stream of frames takes in cells, at worst.
double occupancy(const SonicHeadroomModel& m) {
  // A packet of 64 bytes fills one cell; if that is small, one of cell + 1 bytes fills two.
  const double cell = m.cell_bytes;
  const double worst =
      m.cell_bytes > 2 * kMinimumPacket ? std::ceil(cell / kMinimumPacket) : std::ceil(2 * cell / (1 + cell));
  const double small = m.small_packet_percentage;
  const double mean_packet = (small * kMinimumPacket + (100 - small) * m.mtu) / 100;
  const double small_bytes_percentage = 100 * kMinimumPacket / mean_packet;
  return (100 - small_bytes_percentage + small_bytes_percentage * worst) / 100;
}

uint64_t bytes_in(SimTime t, int64_t ps_per_byte) {
  return static_cast<uint64_t>((t.ps + ps_per_byte - 1) / ps_per_byte);
}

}  // namespace

tl::expected<Bytes, std::string> annex_headroom(BitRate rate, double cable_metres, uint32_t max_frame_bytes) {
  const AnnexDelays* delays = find_rate(kAnnexDelays, rate);
  if (delays == nullptr) return unknown_rate(rate, "interface delay", "10, 25, 40 and 100 Gb/s");
  const double cable_ns = cable_metres * kCableNsPerMetre;
  const auto cable_bits = static_cast<uint64_t>(std::ceil(cable_ns * static_cast<double>(delays->rate_gbps)));
  const uint64_t bits = 2 * uint64_t{max_frame_bytes} * 8 + kPfcFrameBits + 2 * delays->interface_bits +
                        2 * cable_bits + delays->response_bits;
  return Bytes{(bits + 7) / 8};
}

SonicHeadroomModel SonicHeadroomModel::msn2700() {
  SonicHeadroomModel m;
  m.peer_response_bytes = 3.8 * kKibibyte;
  return m;
}

SonicHeadroomModel SonicHeadroomModel::sn5600() {
  SonicHeadroomModel m;
  m.cell_bytes = 192;
  m.tile_pipeline = true;
  return m;
}

tl::expected<Bytes, std::string> sonic_xoff(const SonicHeadroomModel& model, BitRate rate,
                                            double cable_metres) {
  const PeerResponse* peer = find_rate(kPeerResponses, rate);
  if (peer == nullptr && !model.peer_response_bytes) {
    return unknown_rate(rate, "peer response", "10, 25, 40, 50, 100, 200, 400 and 800 Gb/s");
  }
  const double speed = static_cast<double>(rate.bps) / kMegabit;
  const double cable = 2 * cable_metres * speed * 1e9 / kLightInFibre / 8'000;
  const double gearbox = 2 * speed * model.gearbox_delay_ns / 8'192;
  const double response =
      model.peer_response_bytes ? *model.peer_response_bytes : peer->quanta * kQuantumBytes;
  const double tile = model.tile_pipeline ? speed / 1'000 * kTilePipelineNs / 8 : 0;
  const double in_flight = model.port_mtu + cable + gearbox + kMacAndPhyBytes + response + tile;
  const double xoff = model.mtu + in_flight * occupancy(model);
  return Bytes{static_cast<uint64_t>(std::ceil(xoff / kKibibyte) * kKibibyte) + model.extra_bytes};
}

PausedLink paused_link(BitRate rate, SimTime propagation, SimTime pipeline_latency, SimTime peer_latency,
                       SimTime peer_response, uint32_t max_frame_bytes) {
  return {rate, propagation, pipeline_latency, std::max(peer_latency, peer_response), max_frame_bytes};
}

Bytes simulated_headroom(const PausedLink& link) {
  const int64_t ps_per_byte = link.rate.ps_per_byte();
  const uint64_t frame_on_wire = link.max_frame_bytes + wire::kPreambleAndGap;
  const uint64_t pauses_on_wire = uint64_t{kPriorities} * (wire::kPfcFrame + wire::kPreambleAndGap);
  const SimTime latencies = link.propagation * 2 + link.response_time + link.pipeline_latency;
  const uint64_t not_fitting = link.max_frame_bytes;
  const uint64_t while_pausing = frame_on_wire + pauses_on_wire + bytes_in(latencies, ps_per_byte);
  const uint64_t just_begun = frame_on_wire;
  return Bytes{not_fitting + while_pausing + just_begun};
}

}  // namespace railyard
