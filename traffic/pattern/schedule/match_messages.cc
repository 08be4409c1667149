// SPDX-License-Identifier: BSD-3-Clause
// Pairs each send with its receive: the n-th from a to b with a tag meets the n-th that b awaits from a with
// that tag.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "traffic/pattern/schedule/connect.h"
#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

auto key_of(const ChannelEnd& end) {
  return std::make_tuple(end.tag, end.source, end.destination);
}

void sort_by_key(std::vector<ChannelEnd>& ends) {
  std::sort(ends.begin(), ends.end(),
            [](const ChannelEnd& a, const ChannelEnd& b) { return key_of(a) < key_of(b); });
}

// The two ends of a channel; null where nobody sends, or nobody receives.
struct Ends {
  const ChannelEnd* send = nullptr;
  const ChannelEnd* receive = nullptr;

  const ChannelEnd& any() const { return send != nullptr ? *send : *receive; }
};

const CallList kNothing;

const CallList& list_of(const Draft& draft, const ChannelEnd* end) {
  return end == nullptr ? kNothing : draft.lists[end->list];
}

std::string place_of_send(const Draft& draft, const ChannelEnd& end, uint32_t ordinal) {
  const Program& program = draft.schedule.program_of(end.source);
  return place_of(draft, end.source, program.task_at(program.outgoing[end.slot], ordinal));
}

std::string place_of_receive(const Draft& draft, const ChannelEnd& end, uint32_t ordinal) {
  const Program& program = draft.schedule.program_of(end.destination);
  return place_of(draft, end.destination, program.task_at(program.incoming[end.slot], ordinal));
}

Checked check_ends(const Draft& draft, const Ends& ends) {
  constexpr const char* remedy = "add what is missing, or capture both ranks over the same steps";
  const CallList &sends = list_of(draft, ends.send), &receives = list_of(draft, ends.receive);
  const auto sent = static_cast<uint32_t>(sends.size()), awaited = static_cast<uint32_t>(receives.size());
  const auto [tag, source, destination] = key_of(ends.any());
  for (uint32_t i = 0; i < std::min(sent, awaited); ++i) {
    if (sends[i].bytes == receives[i].bytes) continue;
    return tl::make_unexpected(fmt::format(
        "{} sends {} B to rank {}, where {} receives {} B; make both sizes equal, or check that no message "
        "between "
        "them is missing (they are matched in order)",
        place_of_send(draft, *ends.send, i), sends[i].bytes, destination,
        place_of_receive(draft, *ends.receive, i), receives[i].bytes));
  }
  if (sent > awaited) {
    return tl::make_unexpected(fmt::format(
        "{} sends to rank {}, which has no receive for it: {} sends and {} receives with tag {}; {}",
        place_of_send(draft, *ends.send, awaited), destination, sent, awaited, tag, remedy));
  }
  if (awaited > sent) {
    return tl::make_unexpected(fmt::format(
        "{} receives from rank {}, which has no send for it: {} sends and {} receives with tag {}; {}",
        place_of_receive(draft, *ends.receive, sent), source, sent, awaited, tag, remedy));
  }
  return {};
}

uint32_t add_operations(Schedule& schedule, const CallList& sends) {
  const auto first = static_cast<uint32_t>(schedule.operations.size());
  for (const ListedCall& send : sends) {
    Operation operation;
    operation.name = send.name.empty() ? "send" : send.name;
    operation.kind = "send";
    operation.bytes = send.bytes;
    operation.group_size = 2;
    schedule.operations.push_back(std::move(operation));
  }
  return first;
}

void lay_out_slots(Schedule& schedule) {
  uint32_t outgoing = 0, incoming = 0;
  for (RankPart& part : schedule.ranks) {
    const Program& program = schedule.programs[part.program];
    part.first_outgoing = outgoing;
    part.first_incoming = incoming;
    outgoing += static_cast<uint32_t>(program.outgoing.size());
    incoming += static_cast<uint32_t>(program.incoming.size());
  }
  schedule.outgoing.resize(outgoing);
  schedule.incoming.resize(incoming);
}

class ChannelMaker {
 public:
  explicit ChannelMaker(Draft& draft) : draft_(draft) {}

  Checked add(const Ends& ends) {
    if (Checked checked = check_cancelled(draft_); !checked) return checked;
    if (Checked checked = check_ends(draft_, ends); !checked) return checked;
    if (Checked taken = take_pairs(draft_, 1); !taken) return taken;
    Schedule& schedule = draft_.schedule;
    Channel channel;
    channel.src_rank = ends.send->source;
    channel.dst_rank = ends.send->destination;
    channel.src_slot = ends.send->slot;
    channel.dst_slot = ends.receive->slot;
    channel.communicator = communicator_of(ends.send->tag);
    const CallList& sends = draft_.lists[ends.send->list];
    const auto [entry, is_new] = first_entry_.try_emplace(ends.send->list, 0);
    if (is_new) entry->second = add_operations(schedule, sends);
    channel.operations = add_range(schedule, entry->second, static_cast<uint32_t>(sends.size()));
    choose_nics(draft_, std::nullopt, channel);
    channel.granted = schedule.sends_grant && between_hosts(draft_, channel);
    const uint32_t index = add_channel(schedule, channel);
    schedule.outgoing[schedule.ranks[channel.src_rank].first_outgoing + channel.src_slot] = index;
    schedule.incoming[schedule.ranks[channel.dst_rank].first_incoming + channel.dst_slot] = index;
    if (channel.granted) {
      std::swap(channel.src_slot, channel.dst_slot);
      add_channel(schedule, granting(channel));
    }
    return {};
  }

 private:
  uint32_t communicator_of(uint32_t tag) {
    std::vector<Communicator>& all = draft_.schedule.communicators;
    const auto [entry, is_new] = communicators_.try_emplace(tag, static_cast<uint32_t>(all.size()));
    if (is_new) {
      all.emplace_back();
      all.back().name = fmt::format("tag {}", tag);
      all.back().point_to_point = true;
    }
    return entry->second;
  }

  Draft& draft_;
  std::map<uint32_t, uint32_t> communicators_;  // by tag
  std::map<uint32_t, uint32_t> first_entry_;    // by list: of its operations
};

}  // namespace

Checked match_messages(Draft& draft) {
  sort_by_key(draft.sends);
  sort_by_key(draft.receives);
  lay_out_slots(draft.schedule);
  ChannelMaker maker(draft);
  auto send = draft.sends.cbegin();
  auto receive = draft.receives.cbegin();
  while (send != draft.sends.cend() || receive != draft.receives.cend()) {
    Ends ends;
    const bool sends = send != draft.sends.cend();
    const bool receives = receive != draft.receives.cend();
    if (sends && (!receives || key_of(*send) <= key_of(*receive))) ends.send = &*send;
    if (receives && (!sends || key_of(*receive) <= key_of(*send))) ends.receive = &*receive;
    if (ends.send != nullptr) ++send;
    if (ends.receive != nullptr) ++receive;
    if (Checked added = maker.add(ends); !added) return added;
  }
  return {};
}

}  // namespace railyard::schedule
