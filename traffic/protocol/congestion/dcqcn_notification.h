// SPDX-License-Identifier: BSD-3-Clause
// DCQCN's notification point: when the receiver of marked packets sends CNPs. [Zhu et al., SIGCOMM 2015,
// section 3.1, "NP algorithm"]
//
// CNPs are paced per queue pair, per NIC that sends to us, or per port. A mark that comes too soon after a
// CNP is either remembered, as in the paper, and answered when the interval ends, or forgotten, as adapters'
// documents have it, which speak only of a least time between CNPs. Those remembered where pacing is wider
// than a queue pair are answered in the order of their first marks, one an interval.
#pragma once

#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/units/growing_ring.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct DcqcnNotification {
  static constexpr bool kMarkedOnly = true;

  // What is paced together.
  struct Pace {
    SimTime next;                   // before this, no CNP
    GrowingRing<uint32_t> waiting;  // queue pairs with remembered marks; the timer is armed for the first
  };
  struct QueuePair {
    SimTime next;          // as in Pace, where queue pairs are paced alone
    bool waiting = false;  // a mark is remembered
  };
  using Peer = Pace;
  struct Port : Pace {};

  static ReceiverScope scope(const DcqcnSettings& p) {
    switch (p.cnp_pacing) {
      case CnpPacing::Peer:
        return ReceiverScope::Peer;
      case CnpPacing::Port:
        return ReceiverScope::Port;
      case CnpPacing::QueuePair:
        break;
    }
    return ReceiverScope::QueuePair;
  }

  static ReceiverReaction arrived(QueuePair& queue_pair, Peer& peer, Port& port, const DcqcnSettings& p,
                                  const ArrivalSample& sample, SimTime now) {
    if (queue_pair.waiting) return {};  // its CNP is on the way
    Pace* const shared = shared_of(p, peer, port);
    SimTime& next = shared != nullptr ? shared->next : queue_pair.next;
    const bool others_first = shared != nullptr && !shared->waiting.empty();
    if (now >= next && !others_first) {
      next = now + p.min_time_between_cnps;
      return {true};
    }
    if (!p.cnp_remember_marks) return {};
    queue_pair.waiting = true;
    if (shared != nullptr) shared->waiting.push(sample.queue_pair);
    if (others_first) return {};
    return {false, sample.queue_pair, next};
  }

  static bool idle(const QueuePair& queue_pair, SimTime now) {
    return !queue_pair.waiting && now >= queue_pair.next;
  }

  // The interval in which a mark of the queue pair was remembered is over.
  static ReceiverReaction timer(QueuePair& queue_pair, Peer& peer, Port& port, const DcqcnSettings& p,
                                uint32_t, SimTime now) {
    queue_pair.waiting = false;
    Pace* const shared = shared_of(p, peer, port);
    if (shared == nullptr) {
      queue_pair.next = now + p.min_time_between_cnps;
      return {true};
    }
    shared->next = now + p.min_time_between_cnps;
    shared->waiting.pop();
    if (shared->waiting.empty()) return {true};
    return {true, shared->waiting.front(), shared->next};
  }

 private:
  static Pace* shared_of(const DcqcnSettings& p, Peer& peer, Port& port) {
    const ReceiverScope paced = scope(p);
    return paced == ReceiverScope::Peer ? &peer : paced == ReceiverScope::Port ? &port : nullptr;
  }
};

}  // namespace railyard
