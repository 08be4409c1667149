// SPDX-License-Identifier: BSD-3-Clause
// What a receiving queue pair tells its sender about congestion: its algorithm's functions and state. All
// calls of an algorithm's receiver are here.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/transport/state_arena.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Of one NIC: what its queue pairs' receivers keep, each alone, of each NIC that sends to it, and of the
// port.
class ReceiverStates {
 public:
  // Queue pairs with the same algorithm and settings share what they keep of a peer and of the port.
  ReceiverState make(const ReceiverFunctions& functions, const void* settings, uint32_t peer) {
    ReceiverState state;
    state.queue_pair = make(functions, ReceiverScope::QueuePair);
    state.peer = shared(functions, ReceiverScope::Peer, settings, peer);
    state.port = shared(functions, ReceiverScope::Port, settings, 0);
    return state;
  }

 private:
  void* make(const ReceiverFunctions& functions, ReceiverScope of) {
    const ReceiverFunctions::Scope& scope = functions.scopes[static_cast<size_t>(of)];
    return scope.construct == nullptr ? nullptr
                                      : arena_.make(scope.state_bytes, scope.construct, scope.destroy);
  }
  void* shared(const ReceiverFunctions& functions, ReceiverScope of, const void* settings, uint32_t key) {
    const auto [found, added] = shared_.try_emplace({&functions, of, settings, key}, nullptr);
    if (added) found->second = make(functions, of);
    return found->second;
  }

  StateArena arena_;
  std::map<std::tuple<const ReceiverFunctions*, ReceiverScope, const void*, uint32_t>, void*> shared_;
};

class ReceiverControl {
 public:
  // `peer` is the address of the NIC that sends.
  void start(const CongestionAlgorithm& algorithm, const void* settings, uint32_t peer,
             ReceiverStates& states) {
    functions_ = &algorithm.receiver;
    settings_ = settings;
    minds_marked_ = functions_->arrived != nullptr;
    minds_all_ = minds_marked_ && !functions_->marked_only;
    if (minds_marked_) state_ = states.make(*functions_, settings, peer);
  }

  bool minds(bool marked) const { return marked ? minds_marked_ : minds_all_; }
  // Only of packets that it minds.
  ReceiverReaction arrived(const ArrivalSample& sample, SimTime now) {
    return functions_->arrived(state_, settings_, sample, now);
  }
  ReceiverReaction timer(uint32_t queue_pair, SimTime now) {
    return functions_->timer(state_, settings_, queue_pair, now);
  }

 private:
  bool minds_marked_ = false, minds_all_ = false;
  const ReceiverFunctions* functions_ = nullptr;
  const void* settings_ = nullptr;
  ReceiverState state_;
};

}  // namespace railyard
