// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/goal_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace railyard::schedule {
namespace {

class RankWriter {
 public:
  RankWriter(const trace::Trace& trace, const Schedule& schedule, const trace::Rank& rank, uint32_t first_tag,
             std::string& out)
      : trace_(trace), schedule_(schedule), rank_(rank), first_tag_(first_tag), out_(out) {}

  void run() {
    print("rank {} {{\n", rank_.rank());
    const RankPart& part = schedule_.ranks[rank_.rank()];
    for (int i = 0; i < rank_.operations_size(); ++i) {
      const trace::Operation& operation = rank_.operations(i);
      std::vector<uint64_t> after;
      for (const uint32_t distance : operation.after())
        after.push_back(ends_[static_cast<size_t>(i) - distance]);
      if (operation.has_collective()) {
        const Task& task = schedule_.program_of(rank_.rank()).tasks[static_cast<size_t>(i)];
        const Membership& in = schedule_.memberships[part.first_membership + task.slot];
        ends_.push_back(collective(operation.collective(), in, task.ordinal, after));
      } else if (operation.has_send()) {
        const trace::Send& send = operation.send();
        ends_.push_back(
            line(fmt::format("send {}b to {} tag {}", send.bytes(), send.peer(), send.tag()), after));
      } else if (operation.has_receive()) {
        const trace::Receive& receive = operation.receive();
        ends_.push_back(line(
            fmt::format("recv {}b from {} tag {}", receive.bytes(), receive.peer(), receive.tag()), after));
      } else {
        ends_.push_back(line(fmt::format("calc {}", operation.compute().duration_ns()), after));
      }
    }
    out_ += "}\n";
  }

 private:
  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  // The label's number.
  uint64_t line(const std::string& what, const std::vector<uint64_t>& after) {
    const uint64_t label = ++labels_;
    print("l{}: {}\n", label, what);
    for (const uint64_t earlier : after) print("l{} requires l{}\n", label, earlier);
    return label;
  }

  // Between an empty calc that begins it and one that ends it.
  uint64_t collective(const trace::Collective& what, const Membership& in, uint32_t ordinal,
                      const std::vector<uint64_t>& after) {
    const trace::Group& group = trace_.header().groups(static_cast<int>(what.group()));
    const Communicator& communicator = schedule_.communicators[in.communicator];
    const OperationRange& range = schedule_.ranges[communicator.operations];
    const Operation& operation = schedule_.operation_of(range, ordinal);
    const uint32_t lane = schedule_.lanes_of(communicator, operation).first;
    const uint64_t begin = line("calc 0", after);
    const uint32_t tag = first_tag_ + range.first + ordinal;
    const uint32_t strands = Schedule::strands_of(communicator, operation);
    std::vector<std::vector<uint64_t>> received(strands);  // by strand and step
    std::vector<uint64_t> all = {begin};
    const auto for_each_step = [&](auto act) {
      for (uint32_t strand = 0; strand < strands; ++strand) {
        const collective::Call call = schedule_.call_of(communicator, operation, in.me, lane, strand);
        const uint64_t steps = operation.algorithm->step_count(call);
        for (uint64_t s = 0; s < steps; ++s) act(strand, operation.algorithm->step(call, s));
      }
    };
    const auto rank_of = [&](const collective::Message& m) { return group.ranks(static_cast<int>(m.peer)); };
    for_each_step([&](uint32_t strand, const collective::Step& step) {
      received[strand].push_back(begin);
      if (!step.receive.exists()) return;
      received[strand].back() = line(
          fmt::format("recv {}b from {} tag {}", step.receive.bytes, rank_of(step.receive), tag), {begin});
      all.push_back(received[strand].back());
    });
    for_each_step([&](uint32_t strand, const collective::Step& step) {
      if (!step.send.exists()) return;
      const uint32_t needed = step.needed_strand == collective::kOwnStrand ? strand : step.needed_strand;
      const uint64_t cause =
          step.send_needs == collective::kNoStep ? begin : received[needed][step.send_needs];
      all.push_back(
          line(fmt::format("send {}b to {} tag {}", step.send.bytes, rank_of(step.send), tag), {cause}));
    });
    return line("calc 0", all);
  }

  const trace::Trace& trace_;
  const Schedule& schedule_;
  const trace::Rank& rank_;
  const uint32_t first_tag_;
  std::string& out_;
  std::vector<uint64_t> ends_;  // of each operation: the label that ends it
  uint64_t labels_ = 0;
};

uint64_t messages_of(const Schedule& schedule) {
  uint64_t messages = 0;
  for (const Communicator& in : schedule.communicators) {
    if (in.point_to_point) continue;
    const OperationRange& range = schedule.ranges[in.operations];
    for (uint32_t i = 0; i < range.count; ++i) {
      const Operation& operation = schedule.operation_of(range, i);
      const uint32_t lane = schedule.lanes_of(in, operation).first;
      for (uint32_t strand = 0; strand < Schedule::strands_of(in, operation); ++strand) {
        const auto call = schedule.call_of(in, operation, 0, lane, strand);
        messages += std::min(kMaxGoalMessages, operation.algorithm->step_count(call)) * operation.group_size;
        if (messages > kMaxGoalMessages) return messages;
      }
    }
  }
  return messages;
}

}  // namespace

tl::expected<std::string, std::string> write_goal(const trace::Trace& trace, const CompileOptions& options) {
  const auto schedule = compile(trace, options);
  if (!schedule) return tl::make_unexpected(schedule.error());
  if (const uint64_t messages = messages_of(*schedule); messages > kMaxGoalMessages)
    return tl::make_unexpected(fmt::format(
        "the collectives are more than {} messages, of which GOAL needs every one: convert fewer steps, or "
        "to chakra, which keeps collectives",
        kMaxGoalMessages));
  uint32_t first_tag = 0;
  for (const trace::Rank& rank : trace.ranks()) {
    for (const trace::Operation& operation : rank.operations())
      first_tag = std::max({first_tag, operation.send().tag() + 1, operation.receive().tag() + 1});
  }
  std::string out = fmt::format("// {}\nnum_ranks {}\n", trace.header().name(), trace.ranks_size());
  for (const trace::Rank& rank : trace.ranks()) RankWriter(trace, *schedule, rank, first_tag, out).run();
  return out;
}

}  // namespace railyard::schedule
