// SPDX-License-Identifier: BSD-3-Clause
// How much a lossless priority group must still take in after it has told its sender to pause: by the
// standard's worst case, by the formula SONiC switches configure themselves with, and for our own switch
// model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "traffic/units/quantity.h"

namespace railyard {

// The standard's worst case: two frames of `max_frame_bytes`, the PFC frame, both ways of the cable at
// 5 ns a metre, and the delays that the standard allows interfaces and the responding MAC at this rate.
//   2 MaxFrame + PFC frame + 2 D_interface + 2 D_cable + D_response
// [IEEE 802.1Qbb-2011 annex O, now 802.1Q-2018 annex N; delays as quoted by Cisco Press, "I/O Consolidation
// in the Data Center", chapter 7] Shipped switches do with less, since they respond faster than they must.
// Known for 10, 25, 40 and 100 Gb/s; the error says so.
tl::expected<Bytes, std::string> annex_headroom(BitRate rate, double cable_metres, uint32_t max_frame_bytes);

// What SONiC's dynamic buffer model knows of a switch chip and its traffic.
// [sonic-swss, cfgmgr/buffer_headroom_mellanox.lua]
struct SonicHeadroomModel {
  uint32_t cell_bytes = 96;                // unit of buffer memory: Spectrum 96, -2 and -3 144, -4 and -5 192
  uint32_t mtu = 1'024;                    // LOSSLESS_TRAFFIC_PATTERN: a full packet of lossless traffic
  uint32_t small_packet_percentage = 100;  // LOSSLESS_TRAFFIC_PATTERN: how many of them fill 64 bytes only
  uint32_t port_mtu = 9'100;
  uint32_t gearbox_delay_ns = 0;
  bool tile_pipeline = false;                 // Spectrum-4 and -5: 120 ns more on the way in
  std::optional<double> peer_response_bytes;  // unset: by rate, from the standard's pause quanta
  uint32_t extra_bytes = 0;                   // a chip's own allowance: Spectrum-6 18 KiB

  // The models behind the tables that SONiC ships (pg_profile_lookup.ini) for these switches.
  static SonicHeadroomModel msn2700();  // Spectrum, with the fixed peer response of older releases
  static SonicHeadroomModel sn5600();   // Spectrum-4, within 1 KiB
};

// BUFFER_PROFILE xoff: every frame in flight may waste most of its last cell, so what propagation and
// responses let in is multiplied by the share of cells that are filled. A multiple of 1024.
// The error names a rate for which the peer's response is not known.
tl::expected<Bytes, std::string> sonic_xoff(const SonicHeadroomModel& model, BitRate rate,
                                            double cable_metres);

// A link as our switch model sees it, for a priority group on the receiving side.
struct PausedLink {
  BitRate rate;
  SimTime propagation;
  SimTime pipeline_latency;  // of the receiving switch, from a frame's last bit to admission
  SimTime response_time;     // of the sender, from a PFC frame's last bit to the paused transmitter
  uint32_t max_frame_bytes;  // destination MAC to FCS
};

// The link from a peer that acts on a pause once its own latency and its response have passed, whichever is
// longer.
PausedLink paused_link(BitRate rate, SimTime propagation, SimTime pipeline_latency, SimTime peer_latency,
                       SimTime peer_response, uint32_t max_frame_bytes);

// Never exceeded in the model, whatever the traffic: what SwitchSettings::xoff = 0 stands for. It is the sum
// of
//   - the frame that did not fit any more: it goes to the headroom whole;
//
//   - what comes in while a frame in transmission delays the PFC frame, and PFC frames of all priorities go
//   out;
//
//   - what comes in over twice the propagation, the sender's response and our own pipeline;
//
//   - the frame whose transmission the sender has just begun when it stops.
Bytes simulated_headroom(const PausedLink& link);

}  // namespace railyard
