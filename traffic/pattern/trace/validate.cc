// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

class Validator {
 public:
  explicit Validator(const Trace& trace) : trace_(trace), world_(static_cast<uint32_t>(trace.ranks_size())) {}

  std::vector<std::string> run() {
    check_ranks();
    for (int g = 0; g < trace_.header().groups_size(); ++g) check_group(g);
    for (const Rank& rank : trace_.ranks()) {
      for (int i = 0; i < rank.operations_size(); ++i) check_operation(rank, i);
    }
    if (errors_.empty()) {  // what follows trusts indices
      check_collectives_agree();
      check_messages_meet();
    }
    if (errors_.size() > kMaxErrors) {
      const size_t more = errors_.size() - kMaxErrors;
      errors_.resize(kMaxErrors);
      errors_.push_back(fmt::format("... and {} more", more));
    }
    return std::move(errors_);
  }

 private:
  template <class... Args>
  void complain(fmt::format_string<Args...> format, Args&&... args) {
    errors_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  static std::string place(const Rank& rank, int index) {
    const std::string& name = rank.operations(index).name();
    return fmt::format("rank {}, operation {}{}", rank.rank(), index, name.empty() ? "" : " (" + name + ")");
  }

  void check_ranks() {
    if (world_ == 0) complain("the trace has no ranks");
    for (uint32_t r = 0; r < world_; ++r) {
      if (trace_.ranks(static_cast<int>(r)).rank() != r) {
        complain("the rank at place {} is number {}: ranks must be 0 to {}, in order", r,
                 trace_.ranks(static_cast<int>(r)).rank(), world_ - 1);
      }
    }
  }

  void check_group(int g) {
    const Group& group = trace_.header().groups(g);
    std::set<uint32_t> seen;
    if (group.ranks().empty()) complain("group {} ({}) has no members", g, group.name());
    for (const uint32_t member : group.ranks()) {
      if (member >= world_)
        complain("group {} ({}) names rank {}, but there are only {}", g, group.name(), member, world_);
      if (!seen.insert(member).second) complain("group {} ({}) names rank {} twice", g, group.name(), member);
    }
  }

  void check_operation(const Rank& rank, int index) {
    const Operation& operation = rank.operations(index);
    for (const uint32_t distance : operation.after()) {
      if (distance == 0 || distance > static_cast<uint32_t>(index)) {
        complain("{}: waits for the operation {} before it, which is not in the list", place(rank, index),
                 distance);
      }
    }
    switch (operation.what_case()) {
      case Operation::kCompute:
        break;
      case Operation::kCollective:
        check_collective(rank, index, operation.collective());
        break;
      case Operation::kSend:
        check_peer(rank, index, operation.send().peer());
        break;
      case Operation::kReceive:
        check_peer(rank, index, operation.receive().peer());
        break;
      case Operation::WHAT_NOT_SET:
        complain("{}: is empty: it must be compute, collective, send or receive", place(rank, index));
    }
  }

  void check_collective(const Rank& rank, int index, const Collective& c) {
    if (!CollectiveKind_IsValid(c.kind()) || c.kind() == COLLECTIVE_UNSPECIFIED) {
      complain("{}: collective kind {} does not exist", place(rank, index), static_cast<int>(c.kind()));
    }
    if (c.group() >= static_cast<uint32_t>(trace_.header().groups_size())) {
      complain("{}: group {} does not exist: the trace has {}", place(rank, index), c.group(),
               trace_.header().groups_size());
      return;
    }
    const Group& group = trace_.header().groups(static_cast<int>(c.group()));
    const auto size = static_cast<uint32_t>(group.ranks_size());
    if (std::find(group.ranks().begin(), group.ranks().end(), rank.rank()) == group.ranks().end()) {
      complain("{}: is no member of its group {} ({})", place(rank, index), c.group(), group.name());
    }
    if (c.root() >= size) complain("{}: root {} in a group of {}", place(rank, index), c.root(), size);
    if (c.split_bytes().empty()) return;
    if (c.kind() != ALL_TO_ALL) complain("{}: only an all-to-all has split sizes", place(rank, index));
    if (static_cast<uint32_t>(c.split_bytes_size()) != size) {
      complain("{}: {} split sizes in a group of {}", place(rank, index), c.split_bytes_size(), size);
    }
    uint64_t sum = 0;
    for (const uint64_t part : c.split_bytes()) sum += part;
    if (sum != c.bytes())
      complain("{}: split sizes add up to {} B, the collective has {} B", place(rank, index), sum, c.bytes());
  }

  void check_peer(const Rank& rank, int index, uint32_t peer) {
    if (peer >= world_)
      complain("{}: peer {} does not exist: there are {} ranks", place(rank, index), peer, world_);
    if (peer == rank.rank()) complain("{}: sends to or receives from itself", place(rank, index));
  }

  // The collectives of `group` on `rank`, in order, as indices into its operations.
  std::vector<int> collectives_of(const Rank& rank, uint32_t group) const {
    std::vector<int> found;
    for (int i = 0; i < rank.operations_size(); ++i) {
      const Operation& operation = rank.operations(i);
      if (operation.has_collective() && operation.collective().group() == group) found.push_back(i);
    }
    return found;
  }

  void check_collectives_agree() {
    for (int g = 0; g < trace_.header().groups_size(); ++g) {
      const Group& group = trace_.header().groups(g);
      const Rank& first = trace_.ranks(static_cast<int>(group.ranks(0)));
      const std::vector<int> expected = collectives_of(first, static_cast<uint32_t>(g));
      for (int m = 1; m < group.ranks_size(); ++m) {
        const Rank& rank = trace_.ranks(static_cast<int>(group.ranks(m)));
        check_same_collectives(group, first, expected, rank, collectives_of(rank, static_cast<uint32_t>(g)));
      }
    }
  }

  // One complaint a rank: after the first difference everything differs.
  void check_same_collectives(const Group& group, const Rank& first, const std::vector<int>& expected,
                              const Rank& rank, const std::vector<int>& found) {
    for (size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
      const Collective& a = first.operations(expected[i]).collective();
      const Collective& b = rank.operations(found[i]).collective();
      // Splits differ by rank, and so do their sums.
      const bool same_bytes = a.bytes() == b.bytes() || !a.split_bytes().empty() || !b.split_bytes().empty();
      if (a.kind() != b.kind() || a.root() != b.root() || !same_bytes) {
        complain("{}: collective {} of group '{}' is {} of {} B, but {} of {} B on rank {} (operation {})",
                 place(rank, found[i]), i, group.name(), name_of(b.kind()), b.bytes(), name_of(a.kind()),
                 a.bytes(), first.rank(), expected[i]);
        return;
      }
    }
    if (expected.size() != found.size()) {
      complain(
          "rank {} lists {} collectives of group '{}', rank {} lists {}: the captures must cover the same "
          "steps",
          rank.rank(), found.size(), group.name(), first.rank(), expected.size());
    }
  }

  void check_messages_meet() {
    using Channel = std::tuple<uint32_t, uint32_t, uint32_t>;  // sender, receiver, tag
    struct Ends {
      std::vector<uint64_t> sent, received;
    };
    std::map<Channel, Ends> channels;
    for (const Rank& rank : trace_.ranks()) {
      for (const Operation& op : rank.operations()) {
        if (op.has_send()) {
          channels[{rank.rank(), op.send().peer(), op.send().tag()}].sent.push_back(op.send().bytes());
        } else if (op.has_receive()) {
          channels[{op.receive().peer(), rank.rank(), op.receive().tag()}].received.push_back(
              op.receive().bytes());
        }
      }
    }
    for (const auto& [channel, ends] : channels) {
      const auto [from, to, tag] = channel;
      if (ends.sent.size() != ends.received.size()) {
        complain("rank {} sends {} messages to rank {} with tag {}, which receives {}", from,
                 ends.sent.size(), to, tag, ends.received.size());
        continue;
      }
      for (size_t i = 0; i < ends.sent.size(); ++i) {
        if (ends.sent[i] == ends.received[i]) continue;
        complain("message {} from rank {} to rank {} with tag {} is sent with {} B and received with {} B", i,
                 from, to, tag, ends.sent[i], ends.received[i]);
        break;
      }
    }
  }

  const Trace& trace_;
  const uint32_t world_;
  std::vector<std::string> errors_;
};

}  // namespace

std::vector<std::string> validate(const Trace& trace) {
  return Validator(trace).run();
}

}  // namespace railyard::trace
