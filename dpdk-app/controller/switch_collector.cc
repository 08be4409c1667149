// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/switch_collector.h"

#include <fmt/format.h>

#include "dpdk-app/controller/subprocess.h"

namespace railyard::lab {
namespace {

// In both lists the second is what older images and restricted users have.
const std::vector<std::string> kConfigCommands = {"sonic-cfggen -d --print-data",
                                                  "show runningconfiguration all"};
const std::vector<std::string> kCounterCommands = {"sonic-db-dump -n COUNTERS_DB -y", "redis-dump -d 2 -y"};

constexpr int kSshFailed = 255;  // ssh(1): ssh's own error, not the command's

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

tl::expected<std::string, std::string> ask(const LabSwitch& lab_switch, const std::string& command,
                                           const SshOptions& options, bool& unreachable) {
  std::vector<std::string> arguments = {"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"};
  if (!options.config_file.empty()) arguments.insert(arguments.end(), {"-F", options.config_file});
  arguments.insert(arguments.end(), {"--", lab_switch.address, command});
  const auto answer = run_process(arguments, options.timeout);
  unreachable = !answer || answer->exit_code == kSshFailed;
  const std::string where = fmt::format("switch '{}' ({}): ", lab_switch.name, lab_switch.address);
  if (!answer) return tl::make_unexpected(where + answer.error());
  if (unreachable)
    return tl::make_unexpected(fmt::format("{}{}; see that `ssh {}` works without a question", where,
                                           first_line(answer->err), lab_switch.address));
  if (answer->exit_code != 0)
    return tl::make_unexpected(
        fmt::format("{}`{}` failed ({}): {}", where, command, answer->exit_code, first_line(answer->err)));
  return answer->out;
}

// The first command whose answer `parse` understands. The error is the last one's.
template <class Parse>
auto ask_first(const LabSwitch& lab_switch, const std::vector<std::string>& commands,
               const SshOptions& options, std::string& raw, Parse parse) -> decltype(parse(raw)) {
  std::string problem;
  for (const std::string& command : commands) {
    bool unreachable = false;
    auto answer = ask(lab_switch, command, options, unreachable);
    if (!answer) {
      problem = answer.error();
      if (unreachable) break;
      continue;
    }
    auto parsed = parse(*answer);
    if (parsed) {
      raw = *std::move(answer);
      return parsed;
    }
    problem = fmt::format("switch '{}': `{}`: {}", lab_switch.name, command, parsed.error());
  }
  return tl::make_unexpected(problem);
}

}  // namespace

tl::expected<SwitchSnapshot, std::string> snapshot(const LabSwitch& lab_switch, const SshOptions& options) {
  SwitchSnapshot taken;
  auto speeds = ask_first(lab_switch, kConfigCommands, options, taken.config, parse_sonic_speeds);
  if (!speeds) return tl::make_unexpected(speeds.error());
  auto counters = ask_first(lab_switch, kCounterCommands, options, taken.counters, parse_sonic_counters);
  if (!counters) return tl::make_unexpected(counters.error());
  taken.speeds = *std::move(speeds);
  taken.parsed = *std::move(counters);
  return taken;
}

std::vector<const LabSwitch*> sonic_switches(const LabSettings& lab) {
  std::vector<const LabSwitch*> switches;
  for (const LabSwitch& one : lab.switches)
    if (one.kind == LabSwitchKind::Sonic) switches.push_back(&one);
  return switches;
}

}  // namespace railyard::lab
