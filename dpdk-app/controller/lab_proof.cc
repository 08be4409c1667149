// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_proof.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/controller/path_check.h"
#include "dpdk-app/controller/pfc_self_test.h"
#include "dpdk-app/controller/plan_builder.h"
#include "dpdk-app/controller/preparation.h"

namespace railyard::lab {
namespace {

// What the checks depend on.
std::string path_key(const RunInput& input) {
  const QosMaps& m = input.switches.maps;
  std::set<uint32_t> dscps;
  for (const JobInput& job : input.jobs) dscps.insert(job.dscp.value_or(input.nic.dscp));
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {}", input.nic.mtu, input.nic.dscp, input.nic.cnp_dscp,
                     fmt::join(dscps, ","), fmt::join(m.dscp_to_tc, ","), fmt::join(m.tc_to_queue, ","),
                     fmt::join(m.tc_to_pg, ","), fmt::join(m.pfc_to_queue, ","), fmt::join(m.pg_to_pfc, ","),
                     input.switches.pfc_enable.mask, input.fabric.link_rate.bps);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& one : from)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

class Prover {
 public:
  Prover(const Experiment& experiment, std::vector<Player>& players, const SshOptions& ssh,
         const std::atomic<bool>& cancelled)
      : experiment_(experiment), players_(players), ssh_(ssh), cancelled_(cancelled) {}

  LabProof prove() {
    std::set<std::string> proven;
    for (const RunInput& input : experiment_.inputs)
      if (proof_.errors.empty() && proven.insert(path_key(input)).second) prove(input);
    judge_pauses();
    return std::move(proof_);
  }

 private:
  void prove(const RunInput& input);
  bool prepare(const control::Plan& plan);
  void judge_pauses();
  void fail(const std::string& why) { proof_.errors.push_back(why); }

  const Experiment& experiment_;
  std::vector<Player>& players_;
  const SshOptions& ssh_;
  const std::atomic<bool>& cancelled_;
  LabProof proof_;
};

void Prover::prove(const RunInput& input) {
  const auto run = compile_run(input);
  if (!run) return fail(run.error());
  auto plan = build_plan(experiment_.played, *run, players_, {});
  if (!plan) return fail(plan.error());
  if (plan->faults_size() > 0) {  // the players say whether they can be had; the paths are those without
    if (!prepare(*plan)) return;
    plan->clear_faults();
  }
  if (!prepare(*plan)) return;
  const auto paths = check_paths(*plan, input, players_, cancelled_);
  if (!paths) return fail(paths.error());
  append(proof_.errors, paths->errors);
  append(proof_.warnings, paths->warnings);
  if (!proof_.errors.empty() || input.switches.pfc_enable.mask == 0) return;
  const auto verdicts =
      pfc_self_test({*plan, input, *run->fabric, experiment_.played.lab, ssh_, players_, cancelled_});
  if (!verdicts) return fail(verdicts.error());
  proof_.pauses.insert(proof_.pauses.end(), verdicts->begin(), verdicts->end());
}

bool Prover::prepare(const control::Plan& plan) {
  const auto prepared = prepare_all(plan, players_, kPrepareTimeout, cancelled_);
  append(prepared ? proof_.warnings : proof_.errors, prepared ? *prepared : prepared.error());
  return prepared.has_value();
}

// Links that ended alike are told of together.
void Prover::judge_pauses() {
  std::map<std::pair<PauseOutcome, std::string>, std::vector<std::string>> alike;
  for (const PauseVerdict& v : proof_.pauses)
    if (v.outcome != PauseOutcome::Obeyed)
      alike[{v.outcome, v.reason}].push_back(fmt::format("{} paused by {}", v.paused, v.paused_by));
  for (const auto& [how, links] : alike) {
    const auto& [outcome, reason] = how;
    const std::string where = fmt::format(
        "{}{}", links[0], links.size() > 1 ? fmt::format(" (and {} more)", links.size() - 1) : std::string());
    if (outcome == PauseOutcome::Ignored)
      fail(fmt::format(
          "PFC is ignored by {}: {}; enable it there for the priority of the traffic (docs/lab.md, \"The "
          "NIC\" and \"The switch\"), or play with switch.pfc_enable: []",
          where, reason));
    else
      proof_.cautions.push_back(
          fmt::format("Whether pauses are obeyed was not testable by {}: {}.", where, reason));
  }
}

}  // namespace

LabProof prove_lab(const Experiment& experiment, std::vector<Player>& players, const SshOptions& ssh,
                   const std::atomic<bool>& cancelled) {
  return Prover(experiment, players, ssh, cancelled).prove();
}

std::string pause_table(const std::vector<PauseVerdict>& verdicts) {
  if (verdicts.empty()) return "";
  std::string text = fmt::format("{:<34} {:<34} {:<13} {}\n", "paused by", "paused", "PFC", "seen");
  for (const PauseVerdict& v : verdicts)
    text += fmt::format("{:<34} {:<34} {:<13} {}\n", v.paused_by, v.paused, name_of(v.outcome), v.seen);
  return text + '\n';
}

}  // namespace railyard::lab
