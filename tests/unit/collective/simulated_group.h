// SPDX-License-Identifier: BSD-3-Clause
// A group of members that run an algorithm on real numbers, so that a test can look at the result: the oracle
// of every collective. Messages carry a copy of the sender's numbers, one number a byte of the call.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {

class SimulatedGroup {
 public:
  static constexpr int64_t kNothing = std::numeric_limits<int64_t>::min();

  // The call's `me` is ignored. buffers[m] is what member m has before the collective; kNothing is what
  // nobody may send. An all-to-all without pieces puts what arrives into received(); the others work in
  // place.
  SimulatedGroup(const Algorithm& algorithm, Call call, std::vector<std::vector<int64_t>> buffers);

  // Runs members in an order drawn from the seed until all are done. False if none can progress.
  bool run(uint64_t seed);

  const std::vector<int64_t>& buffer(uint32_t member) const { return members_[member].buffer; }
  // All-to-all: the block that `member` got from `source`.
  const std::vector<int64_t>& received(uint32_t member, uint32_t source) {
    return members_[member].blocks[source];
  }
  uint64_t bytes_sent(uint32_t member) const { return members_[member].bytes_sent; }
  uint64_t messages_left() const;                    // sent and never received
  bool sizes_agree() const { return sizes_agree_; }  // of each message at its two ends
  bool in_order() const { return in_order_; }        // all-to-all: blocks came from front to back
  bool only_sent_to_peers() const { return only_sent_to_peers_; }
  bool sent_what_it_had() const { return sent_what_it_had_; }
  uint64_t messages_sent(uint32_t member) const { return members_[member].messages_sent; }
  bool received_as_counted() const;  // as many messages as receive_count says

 private:
  struct Strand {
    std::vector<uint32_t> peers;
    uint64_t sent = 0, received = 0;  // steps
    uint64_t messages = 0;            // received
  };
  struct Member {
    std::vector<int64_t> buffer;
    std::map<uint32_t, std::vector<int64_t>> blocks;
    std::vector<Strand> strands;
    uint64_t bytes_sent = 0, messages_sent = 0;
  };

  Call call_of(uint32_t member, uint32_t strand) const;
  bool done(uint32_t member) const;
  // Where the numbers of a message are in the member's buffer.
  std::vector<Part> parts_of(const Call& call, const Message& message, uint64_t index, bool sent) const;
  bool try_receive(uint32_t member, uint32_t strand);
  bool try_send(uint32_t member, uint32_t strand);

  const Algorithm algorithm_;
  Call call_;
  uint32_t places_;  // the members, and the switches that reduce
  std::vector<Member> members_;
  // By source, destination and strand.
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, std::deque<std::vector<int64_t>>> wires_;
  bool sizes_agree_ = true, in_order_ = true, only_sent_to_peers_ = true, sent_what_it_had_ = true;
};

}  // namespace railyard::collective
