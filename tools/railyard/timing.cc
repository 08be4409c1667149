// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/timing.h"

#include <sys/utsname.h>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

namespace railyard {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

std::string timing_json(const Timing& timing) {
  utsname machine{};
  uname(&machine);
  Json runs = Json::array();
  for (const Timing::Run& run : timing.runs) {
    const double seconds = run.cost.runSeconds;
    runs.push_back(
        {{"setting", run.setting},
         {"seed", run.seed},
         {"set_up_seconds", run.cost.setUpSeconds},
         {"run_seconds", seconds},
         {"events", run.cost.events},
         {"packet_hops_per_second", seconds > 0 ? static_cast<double>(run.packet_hops) / seconds : 0}});
  }
  const Json json = {
      {"format", kFormat},
      {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                              fmt::gmtime(std::chrono::system_clock::to_time_t(timing.started)))},
      {"seconds", timing.seconds},
      {"host", machine.nodename},
      {"machine", machine.machine},
      {"engine", timing.engine},
      {"arguments", timing.arguments},
      {"runs", runs}};
  return json.dump(2) + "\n";
}

}  // namespace railyard
