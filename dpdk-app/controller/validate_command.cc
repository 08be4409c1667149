// SPDX-License-Identifier: BSD-3-Clause
// railyard lab validate
#include "dpdk-app/controller/subcommands.h"
#include "dpdk-app/validation/validate.h"

namespace railyard::lab {

void add_validate(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<validation::ValidateOptions>();
  CLI::App* sub = app.add_subcommand("validate", "Say whether a simulation and a run of the lab agree");
  sub->add_option("SIM", options->sim, "Run folder of railyard run or railyard compare")->required();
  sub->add_option("LAB", options->lab, "Run folder of railyard lab run; seeds are repetitions")->required();
  sub->add_option("-o,--output", options->output,
                  "Write validation.html and validation.json to this new folder")
      ->type_name("FOLDER");
  sub->add_option("--tolerance", options->tolerance, "How far apart means may be and agree")
      ->type_name("PERCENT")
      ->capture_default_str();
  sub->add_flag("--json", options->json, "Print validation.json instead of the table");
  subcommands.push_back({sub, [options](Context& context) {
                           return static_cast<ExitCode>(validation::validate(
                               *options, {context.width, context.color}, context.out, context.err));
                         }});
}

}  // namespace railyard::lab
