// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/command_line.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/experiment/version.h"
#include "tools/manual/manual.h"
#include "tools/railyard/installation.h"
#include "tools/railyard/lab_command.h"
#include "tools/railyard/subcommands.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

constexpr const char* kDescription = "Railyard simulates how a network fabric carries AI training traffic.";
constexpr const char* kFooter =
    "First steps: railyard list scenarios, then railyard compare one of them\n"
    "Exit codes: 0 ok, 1 a run failed, 2 usage or configuration, 3 an expectation was not met.";

// The innermost subcommand that was named.
const CLI::App* chosen(const CLI::App& app) {
  const CLI::App* current = &app;
  while (!current->get_subcommands().empty()) current = current->get_subcommands().front();
  return current;
}

// CLI11 says of a mistyped subcommand that one is required, and prints unknown options in reverse order; so
// both are left to us (allow_extras) and explained here. Empty when nothing is left over.
std::string unknown_argument(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return "";
  // A value that belongs to a mistyped option may have been left over before the option itself.
  auto first =
      std::find_if(extras.begin(), extras.end(), [](const std::string& e) { return e.front() == '-'; });
  const std::string argument = (first != extras.end() ? *first : extras.front());
  const std::string word = argument.substr(0, argument.find('='));
  const CLI::App* current = chosen(app);
  std::vector<std::string> owned;
  if (argument.front() == '-') {
    for (const CLI::App* scope : {current, &app})
      for (const CLI::Option* option : scope->get_options())
        for (const std::string& name : option->get_lnames()) owned.push_back("--" + name);
    return fmt::format("unknown option '{}'{}", word, did_you_mean(word, {owned.begin(), owned.end()}));
  }
  for (const CLI::App* sub : current->get_subcommands([](const CLI::App*) { return true; }))
    owned.push_back(sub->get_name());
  if (owned.empty()) return fmt::format("unexpected argument '{}'", argument);
  const std::string suggestion = did_you_mean(argument, {owned.begin(), owned.end()});
  return fmt::format("unknown command '{}'{}", argument,
                     suggestion.empty() ? fmt::format("; there are {}", fmt::join(owned, ", ")) : suggestion);
}

template <size_t N>
bool is_one_of(const std::array<std::string_view, N>& options, std::string_view option) {
  return std::find(options.begin(), options.end(), option) != options.end();
}

// What of the arguments decides on the results: two runs that differ elsewhere must write the same manifest.
std::string command_of(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 3> kFlags = {"--quiet", "-q", "--no-color"};
  constexpr std::array<std::string_view, 4> kWithValue = {"--output", "-o", "--engine", "--threads"};
  std::string command = "railyard";
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const bool is_short = argument.size() > 1 && argument[0] == '-' && argument[1] != '-';
    const std::string_view option = argument.substr(0, is_short ? 2 : argument.find('='));
    if (!is_one_of(kFlags, argument) && !is_one_of(kWithValue, option))
      command.append(" ").append(argument);
    else if (is_one_of(kWithValue, argument))
      ++i;  // "-o x" has its value in the next argument, "-ox" has not
  }
  return command;
}

ExitCode usage_error(const CLI::App& app, std::ostream& err, std::string_view message) {
  const CLI::App* current = chosen(app);
  std::string name = current->get_name();
  for (const CLI::App* parent = current->get_parent(); parent != nullptr; parent = parent->get_parent())
    name = fmt::format("{} {}", parent->get_name(), name);
  err << fmt::format("railyard: {}\nSee {} --help.\n", message, name);
  return ExitCode::Usage;
}

}  // namespace

ExitCode fail(Context& context, ExitCode code, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) context.err << message << '\n';
  return code;
}

ExitCode run_command_line(const std::vector<std::string>& arguments, const Terminal& terminal,
                          const Simulate& simulate, const Estimate& estimate) {
  if (!arguments.empty() && arguments.front() == "lab")
    return become_lab(lab_program(), {arguments.begin() + 1, arguments.end()}, terminal.err);
  Context context{simulate, estimate,       terminal.out, terminal.err,         terminal.err_is_terminal,
                  false,    terminal.color, arguments,    command_of(arguments)};
  CLI::App app(kDescription, "railyard");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.allow_extras();
  bool no_color = false;
  app.add_flag("-q,--quiet", context.quiet, "Results and errors only");
  app.add_flag("--no-color", no_color, "No colours (as with NO_COLOR set)");
  app.set_version_flag("--version", fmt::format("railyard {}", version()));
  Subcommands subcommands;
  for (const auto& add : {add_run, add_compare, add_list, add_validate, add_show_config, add_model, add_trace,
                          add_bench, add_lab})
    add(app, subcommands);
  for (const Subcommand& subcommand : subcommands) subcommand.app->allow_extras();
  add_manual(app);

  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked_for) {  // --help, --version
    app.exit(asked_for, terminal.out, terminal.err);
    return ExitCode::Ok;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_argument(app);
    return usage_error(app, terminal.err, unknown.empty() ? error.what() : unknown);
  }
  if (const std::string unknown = unknown_argument(app); !unknown.empty())
    return usage_error(app, terminal.err, unknown);
  context.color = context.color && !no_color;
  for (const Subcommand& subcommand : subcommands)
    if (subcommand.app->parsed()) return subcommand.run(context);
  return ExitCode::Usage;
}

}  // namespace railyard
