// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/case_runner.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <numeric>
#include <type_traits>

#include <fmt/format.h>

namespace railyard::bench {
namespace {

// What the child tells its parent, as it is in memory. `text` is the error, or the notice of a run that went
// well.
struct Answer {
  bool ok = false;
  uint64_t packet_hops = 0, data_hops = 0, events = 0, ecn_marked = 0, pfc_pauses = 0, drops = 0;
  double set_up_seconds = 0, wall_seconds = 0, cpu_seconds = 0;
  char text[512] = "";
};
static_assert(std::is_trivially_copyable_v<Answer>);

void set_text(Answer& answer, const std::string& text) {
  std::strncpy(answer.text, text.c_str(), sizeof answer.text - 1);
}

Answer measure(const EngineCase& engine_case, uint32_t threads, const Simulator& simulate) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  RunInput input = input_of(engine_case);
  input.threads = threads;
  Answer answer;
  const auto run = compile_run(std::move(input));
  if (!run) {
    set_text(answer, run.error());
    return answer;
  }
  const std::chrono::duration<double> compiled = Clock::now() - begin;
  ns3::SimulationCost cost;
  const auto record = simulate(*run, {}, cost);
  if (!record) {
    set_text(answer, record.error());
    return answer;
  }
  answer.ok = true;
  set_text(answer, cost.notice);
  answer.packet_hops = record->totals.packet_hops;
  answer.data_hops = record->totals.data_hops;
  answer.events = cost.events;
  answer.set_up_seconds = compiled.count() + cost.setUpSeconds;
  answer.wall_seconds = cost.runSeconds;
  answer.cpu_seconds = cost.runCpuSeconds;
  for (const record::Port& port : record->ports) {
    answer.ecn_marked += port.ecn_marked;
    answer.pfc_pauses += port.pfc_pauses_sent;
    answer.drops = std::accumulate(port.drops.begin(), port.drops.end(), answer.drops);
  }
  return answer;
}

Sample sample_of(const Answer& answer, const rusage& usage) {
  Sample sample;
  sample.packet_hops = answer.packet_hops;
  sample.data_hops = answer.data_hops;
  sample.events = answer.events;
  sample.ecn_marked = answer.ecn_marked;
  sample.pfc_pauses = answer.pfc_pauses;
  sample.drops = answer.drops;
  sample.set_up_seconds = answer.set_up_seconds;
  sample.wall_seconds = answer.wall_seconds;
  sample.cpu_seconds = answer.cpu_seconds;
  sample.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts KiB
  sample.notice = answer.text;
  return sample;
}

// Reads until the other end closes; false when there was less than an answer.
bool read_answer(int descriptor, Answer& answer) {
  char bytes[sizeof answer];
  size_t have = 0;
  while (have < sizeof bytes) {
    const ssize_t n = read(descriptor, bytes + have, sizeof bytes - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    have += static_cast<size_t>(n);
  }
  std::memcpy(&answer, bytes, sizeof answer);
  return true;
}

}  // namespace

tl::expected<Sample, std::string> run_once(const EngineCase& engine_case, uint32_t threads,
                                           const Simulator& simulate) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return tl::make_unexpected(fmt::format("pipe: {}", std::strerror(errno)));
  const pid_t child = fork();
  if (child < 0) return tl::make_unexpected(fmt::format("fork: {}", std::strerror(errno)));
  if (child == 0) {
    close(pipe_ends[0]);
    const Answer answer = measure(engine_case, threads, simulate);
    const bool written = write(pipe_ends[1], &answer, sizeof answer) == sizeof answer;
    _exit(written ? 0 : 1);  // what the parent has buffered is not the child's to flush
  }
  close(pipe_ends[1]);
  Answer answer;
  const bool answered = read_answer(pipe_ends[0], answer);
  close(pipe_ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (!answered) {
    const std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : "no answer";
    return tl::make_unexpected(
        fmt::format("case {}, {} threads: its process ended with {}", engine_case.name, threads, how));
  }
  if (!answer.ok)
    return tl::make_unexpected(
        fmt::format("case {}, {} threads: {}", engine_case.name, threads, answer.text));
  return sample_of(answer, usage);
}

tl::expected<std::vector<CaseSamples>, std::string> run_cases(
    const Selection& selection, const Simulator& simulate,
    const std::function<void(const CaseSamples&)>& about_to_run) {
  std::vector<CaseSamples> results;
  for (const EngineCase* engine_case : selection.cases)
    for (const uint32_t threads : selection.threads) results.push_back({engine_case, threads, {}});
  for (uint32_t repetition = 0; repetition < selection.repetitions; ++repetition) {
    for (CaseSamples& result : results) {
      about_to_run(result);
      auto sample = run_once(*result.engine_case, result.threads, simulate);
      if (!sample) return tl::make_unexpected(sample.error());
      result.samples.push_back(std::move(*sample));
    }
  }
  return results;
}

}  // namespace railyard::bench
