// SPDX-License-Identifier: BSD-3-Clause
// What a receiving queue pair tells its sender about congestion: its algorithm's functions and state. All
// calls of an algorithm's receiver are here.
#pragma once

#include <cstdint>
#include <map>
#include <new>
#include <tuple>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/transport/state_arena.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Of one NIC: what its queue pairs' receivers keep, each alone, of each NIC that sends to it, and of the
// port.
class ReceiverStates {
 public:
  struct Receiver {
    const ReceiverFunctions* functions = nullptr;
    const void* settings = nullptr;
    ReceiverState state;
  };

  // Queue pairs with the same algorithm and settings share what they keep of a peer and of the port.
  Receiver* make(const ReceiverFunctions& functions, const void* settings, uint32_t peer) {
    auto* const made = static_cast<Receiver*>(arena_.make(
        sizeof(Receiver), [](void* at) { new (at) Receiver(); }, [](void*) {}));
    made->functions = &functions;
    made->state.queue_pair = make(functions, ReceiverScope::QueuePair);
    join(*made, settings, peer);
    return made;
  }
  // Another queue pair's, of the same functions, in the room of this one.
  void renew(Receiver& receiver, const void* settings, uint32_t peer) {
    const auto& own = receiver.functions->scopes[static_cast<size_t>(ReceiverScope::QueuePair)];
    own.destroy(receiver.state.queue_pair);
    own.construct(receiver.state.queue_pair);
    join(receiver, settings, peer);
  }

 private:
  void join(Receiver& receiver, const void* settings, uint32_t peer) {
    const ReceiverFunctions& functions = *receiver.functions;
    // Where nothing is paced by peer, one stands for all.
    const uint32_t key = functions.scope(settings) == ReceiverScope::Peer ? peer : 0;
    receiver.settings = settings;
    receiver.state.peer = shared(functions, ReceiverScope::Peer, settings, key);
    receiver.state.port = shared(functions, ReceiverScope::Port, settings, 0);
  }
  void* make(const ReceiverFunctions& functions, ReceiverScope of) {
    const ReceiverFunctions::Scope& scope = functions.scopes[static_cast<size_t>(of)];
    return arena_.make(scope.state_bytes, scope.construct, scope.destroy);
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
    const ReceiverFunctions& functions = algorithm.receiver;
    echoes_marks_ = functions.echoes_marks;
    minds_marked_ = minds_all_ = false;
    if (functions.arrived == nullptr) return;
    if (receiver_ != nullptr && receiver_->functions == &functions)
      states.renew(*receiver_, settings, peer);
    else
      receiver_ = states.make(functions, settings, peer);
    minds_marked_ = true;
    minds_all_ = !functions.marked_only;
  }

  // Whether an answer says that what it answers came with CE.
  bool echoes_marks() const { return echoes_marks_; }
  // Whether one that is made anew would do from now on as this one.
  bool is_idle(SimTime now) const {
    return !minds_marked_ || receiver_->functions->idle(receiver_->state, now);
  }
  bool minds(bool marked) const { return marked ? minds_marked_ : minds_all_; }
  // Only of packets that it minds.
  ReceiverReaction arrived(const ArrivalSample& sample, SimTime now) {
    return receiver_->functions->arrived(receiver_->state, receiver_->settings, sample, now);
  }
  ReceiverReaction timer(uint32_t queue_pair, SimTime now) {
    return receiver_->functions->timer(receiver_->state, receiver_->settings, queue_pair, now);
  }

 private:
  ReceiverStates::Receiver* receiver_ = nullptr;  // what a packet that it does not mind need not touch
  bool minds_marked_ = false, minds_all_ = false, echoes_marks_ = false;
};

}  // namespace railyard
