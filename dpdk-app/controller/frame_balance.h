// SPDX-License-Identifier: BSD-3-Clause
// Where each frame of a run is. What a player gave to its device is held against what the next one took from
// its own, and what came into a switch against what left it:
//   on a cable  sent = received + lost in the hosts' devices + unexplained
//   in a switch received + copied = sent + dropped + given up + held + unexplained
// Where the switches in between are not ours, agents' ends are held against each other:
//   sent = received + dropped + lost in the hosts' devices + lost, nobody knows where
// A device's counters are of all frames, not of the run's alone: they explain as many losses as they count,
// and no more.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dpdk-app/control/control.pb.h"
#include "traffic/fabric/fabric_plan.h"

namespace railyard::lab {

// A player's part.
struct CountedFrames {
  std::string player;
  const control::Identity* identity = nullptr;
  const control::Frames* frames = nullptr;
};

// What joins two ports of players.
struct Cable {
  std::string player_a, port_a;
  std::string player_b, port_b;
};
// The fabric's links both of whose ends are played.
std::vector<Cable> cables_of(const control::Plan& plan, const FabricPlan& fabric);

// From one port to another: "hosts af_packet:h1 -> leaf0 af_packet:s1".
struct CableBalance {
  std::string name;
  uint64_t sent = 0, received = 0;
  uint64_t lost_in_hosts = 0;
  std::vector<std::string> counted_by;  // "packet_socket 12 at leaf0 af_packet:s1"
  int64_t unexplained = 0;              // below 0: more came than was sent
};

struct SwitchBalance {
  std::string name;
  int64_t unexplained = 0;
};

struct FrameBalance {
  bool known = false;                             // every player that is ours told
  uint64_t sent = 0, accepted = 0, rejected = 0;  // by the agents, of the run's own frames
  uint64_t copied = 0, held = 0;
  std::map<std::string, uint64_t> dropped;   // in switches, by reason
  std::map<std::string, uint64_t> given_up;  // in the machines that emulate switches, by reason
  uint64_t lost_in_hosts = 0;
  std::vector<std::string> where_in_hosts;
  int64_t unexplained = 0;  // of cables and switches: each that is not 0 counts as a loss
  std::vector<std::string> where_unexplained;
  uint64_t lost_somewhere = 0;  // between agents, in switches that are not ours
  uint64_t foreign = 0;
  uint64_t host_pauses = 0;          // PFC frames that soft switches received
  std::vector<std::string> pausers;  // a sentence for each port that somebody paused who is not its partner
  std::vector<CableBalance> cables;
};

// `reported_drops`: by switches that are no players.
FrameBalance balance_of(const std::vector<Cable>& cables, const std::vector<CountedFrames>& players,
                        uint64_t reported_drops);

// Why the run's figures are not the network's; empty where they are. `lossless`: frames that the scenario's
// PFC keeps from being dropped may be lost nowhere.
std::string invalid_because(const FrameBalance& balance, bool lossless);

// "sent 1,200 = received 1,190 + headroom_full 10 + unexplained 0".
std::string text_of(const FrameBalance& balance);

}  // namespace railyard::lab
