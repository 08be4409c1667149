// SPDX-License-Identifier: BSD-3-Clause
#include "tools/manual/bash_completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace railyard {
namespace {

std::string function_of(std::string program) {
  std::replace(program.begin(), program.end(), '-', '_');
  return '_' + program;
}

// One command: the program itself, whose path is "", or a subcommand, such as " trace import".
struct Command {
  std::string path;
  const CLI::App* app = nullptr;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& all) {
  all.push_back({path, &app});
  for (const CLI::App* sub : subcommands_of(app)) collect(*sub, path + ' ' + sub->get_name(), all);
}

std::vector<std::string> spellings(const CLI::Option& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.get_lnames()) all.push_back("--" + name);
  for (const std::string& name : option.get_snames()) all.push_back("-" + name);
  return all;
}

// A command's own options, and those of the commands above it that may stand behind it.
std::vector<const CLI::Option*> usable_options(const CLI::App& app) {
  std::vector<const CLI::Option*> all;
  for (const CLI::App* scope = &app; scope != nullptr;
       scope = scope->get_fallthrough() ? scope->get_parent() : nullptr)
    for (const CLI::Option* option : options_of(*scope)) {
      const auto is_same = [&](const CLI::Option* o) { return o->get_name() == option->get_name(); };
      if (std::none_of(all.begin(), all.end(), is_same)) all.push_back(option);
    }
  return all;
}

// "NAME:{window,reference}", as CLI::IsMember describes itself: "window reference".
std::string values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return "";
  std::string values = type.substr(open + 1, close - open - 1);
  std::replace(values.begin(), values.end(), ',', ' ');
  return values;
}

// Of a case: 'a' | 'b'.
std::string patterns(const std::vector<std::string>& texts) {
  return fmt::format("'{}'", fmt::join(texts, "' | '"));
}

// As the program of its own that it stands for would complete it.
std::string hand_over(const std::string& path, const std::string& program) {
  return fmt::format(R"(      '{0}')
        COMP_WORDS=({1} "${{COMP_WORDS[@]:i+1}}")
        COMP_CWORD=$((COMP_CWORD - i))
        declare -F {2} >/dev/null || _completion_loader {1} 2>/dev/null
        ! declare -F {2} >/dev/null || {2}
        return ;;
)",
                     path, program, function_of(program));
}

// The words that lead from one command to the next.
std::string steps(const std::string& program, const std::vector<Command>& commands) {
  std::string handed_over;
  std::vector<std::string> paths;
  for (const Command& command : commands)
    if (command.app->get_prefix_command())
      handed_over += hand_over(command.path, program_name(program + command.path));
    else if (!command.path.empty())
      paths.push_back(command.path);
  if (paths.empty()) return handed_over;
  return fmt::format("      {}) command+=\" ${{COMP_WORDS[i]}}\" ;;\n{}", patterns(paths), handed_over);
}

// What may follow an option that takes a value: one of a few words, or else, since nothing is offered, a
// file's name.
std::string values(const std::vector<Command>& commands) {
  std::string text;
  std::vector<std::string> any;
  for (const Command& command : commands)
    for (const CLI::Option* option : usable_options(*command.app)) {
      if (option->get_items_expected_max() == 0) continue;  // a flag
      std::vector<std::string> places;
      for (const std::string& spelling : spellings(*option)) places.push_back(command.path + ' ' + spelling);
      const std::string values = values_of(*option);
      if (values.empty())
        any.insert(any.end(), places.begin(), places.end());
      else
        text += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n",
                            patterns(places), values);
    }
  return any.empty() ? text : text + fmt::format("    {}) return ;;\n", patterns(any));
}

std::string choices(const std::vector<Command>& commands) {
  std::string text;
  for (const Command& command : commands) {
    std::vector<std::string> options, names;
    for (const CLI::Option* option : usable_options(*command.app))
      for (const std::string& spelling : spellings(*option)) options.push_back(spelling);
    for (const CLI::App* sub : subcommands_of(*command.app)) names.push_back(sub->get_name());
    text += fmt::format("    '{}') options='{}' commands='{}' ;;\n", command.path, fmt::join(options, " "),
                        fmt::join(names, " "));
  }
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  const std::string program = program_name(app.get_name());
  std::vector<Command> commands;
  collect(app, "", commands);
  return fmt::format(R"(# bash completion for {0}, from its table of options: {0} --help-as bash-completion
{1}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command= options= commands= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${{COMP_WORDS[i]}}" in
{2}    esac
  done
  case "$command ${{COMP_WORDS[COMP_CWORD - 1]}}" in
{3}  esac
  case "$command" in
{4}  esac
  [[ $current != -* ]] || commands=$options
  COMPREPLY=($(compgen -W "$commands" -- "$current"))
}}
complete -o default -F {1} {0}
)",
                     program, function_of(program), steps(program, commands), values(commands),
                     choices(commands));
}

}  // namespace railyard
