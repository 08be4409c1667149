// SPDX-License-Identifier: BSD-3-Clause
// Pairs each send with its receive: the n-th from a to b with a tag meets the n-th that b awaits from a with
// that tag.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "traffic/pattern/schedule/connect.h"
#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

struct Ends {
  std::vector<uint32_t> sends, receives;  // tasks, within their ranks
};
using EndsByChannel = std::map<std::tuple<uint32_t, uint32_t, uint32_t>, Ends>;  // tag, source, destination

Checked check_peer(const Draft& draft, uint32_t rank, uint32_t index, uint32_t peer) {
  if (peer == rank) {
    return tl::make_unexpected(
        fmt::format("{} has its own rank as peer; remove it, a rank does not send to itself",
                    place_of(draft, rank, index)));
  }
  if (peer >= draft.ranks.size()) {
    return tl::make_unexpected(
        fmt::format("{} has peer {}, but the trace has ranks 0 to {}; import every rank",
                    place_of(draft, rank, index), peer, draft.ranks.size() - 1));
  }
  return {};
}

tl::expected<EndsByChannel, std::string> gather_ends(const Draft& draft) {
  EndsByChannel channels;
  for (uint32_t rank = 0; rank < draft.ranks.size(); ++rank) {
    if (Checked checked = check_cancelled(draft); !checked) return tl::make_unexpected(checked.error());
    const uint32_t count = draft.schedule.ranks[rank].task_count;
    for (uint32_t index = 0; index < count; ++index) {
      const trace::Operation& operation = draft.operation(rank, index);
      if (!operation.has_send() && !operation.has_receive()) continue;
      const bool sends = operation.has_send();
      const uint32_t peer = sends ? operation.send().peer() : operation.receive().peer();
      if (Checked checked = check_peer(draft, rank, index, peer); !checked) {
        return tl::make_unexpected(checked.error());
      }
      if (sends) {
        if (Checked checked = check_message(draft, rank, index, operation.send().bytes()); !checked) {
          return tl::make_unexpected(checked.error());
        }
        channels[{operation.send().tag(), rank, peer}].sends.push_back(index);
      } else {
        channels[{operation.receive().tag(), peer, rank}].receives.push_back(index);
      }
    }
  }
  return channels;
}

Checked check_ends(const Draft& draft, uint32_t tag, uint32_t src, uint32_t dst, const Ends& ends) {
  constexpr const char* remedy = "add what is missing, or capture both ranks over the same steps";
  const size_t sends = ends.sends.size(), receives = ends.receives.size();
  for (size_t i = 0; i < std::min(sends, receives); ++i) {
    const uint64_t sent = draft.operation(src, ends.sends[i]).send().bytes();
    const uint64_t awaited = draft.operation(dst, ends.receives[i]).receive().bytes();
    if (sent != awaited) {
      return tl::make_unexpected(fmt::format(
          "{} sends {} B to rank {}, where {} receives {} B; make both sizes equal, or check that no message "
          "between "
          "them is missing (they are matched in order)",
          place_of(draft, src, ends.sends[i]), sent, dst, place_of(draft, dst, ends.receives[i]), awaited));
    }
  }
  if (sends > receives) {
    return tl::make_unexpected(fmt::format(
        "{} sends to rank {}, which has no receive for it: {} sends and {} receives with tag {}; {}",
        place_of(draft, src, ends.sends[receives]), dst, sends, receives, tag, remedy));
  }
  if (receives > sends) {
    return tl::make_unexpected(fmt::format(
        "{} receives from rank {}, which has no send for it: {} sends and {} receives with tag {}; {}",
        place_of(draft, dst, ends.receives[sends]), src, sends, receives, tag, remedy));
  }
  return {};
}

void add_messages(Draft& draft, uint32_t src, uint32_t dst, uint32_t communicator, const Ends& ends) {
  Schedule& schedule = draft.schedule;
  Channel channel;
  channel.src_rank = src;
  channel.dst_rank = dst;
  channel.communicator = communicator;
  channel.first_message = static_cast<uint32_t>(schedule.messages.size());
  channel.message_count = static_cast<uint32_t>(ends.sends.size());
  choose_nics(draft.options, std::nullopt, channel);
  const uint32_t channel_index = add_channel(schedule, channel);
  for (uint32_t i = 0; i < channel.message_count; ++i) {
    const trace::Operation& send = draft.operation(src, ends.sends[i]);
    Operation operation;
    operation.name = send.name();
    operation.kind = "send";
    operation.bytes = send.send().bytes();
    operation.group_size = 2;
    operation.communicator = communicator;
    schedule.messages.push_back({ends.sends[i], ends.receives[i]});
    for (Task* task : {&draft.task(src, ends.sends[i]), &draft.task(dst, ends.receives[i])}) {
      task->operation = static_cast<uint32_t>(schedule.operations.size());
      task->channel = channel_index;
      task->ordinal = i;
    }
    schedule.operations.push_back(std::move(operation));
  }
}

}  // namespace

Checked match_messages(Draft& draft) {
  const auto channels = gather_ends(draft);
  if (!channels) return tl::make_unexpected(channels.error());
  std::map<uint32_t, uint32_t> communicators;  // by tag
  for (const auto& [key, ends] : *channels) {
    const auto& [tag, src, dst] = key;
    if (Checked checked = check_cancelled(draft); !checked) return checked;
    if (Checked checked = check_ends(draft, tag, src, dst, ends); !checked) return checked;
    if (Checked taken = take_pairs(draft, 1); !taken) return taken;
    const auto [entry, is_new] =
        communicators.try_emplace(tag, static_cast<uint32_t>(draft.schedule.communicators.size()));
    if (is_new) draft.schedule.communicators.push_back({fmt::format("tag {}", tag), true, {}, 0, 0});
    add_messages(draft, src, dst, entry->second, ends);
  }
  return {};
}

}  // namespace railyard::schedule
