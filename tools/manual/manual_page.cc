// SPDX-License-Identifier: BSD-3-Clause
#include "tools/manual/manual_page.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace railyard {
namespace {

constexpr std::string_view kPrograms[] = {"railyard", "railyard-agent", "railyard-lab",
                                          "railyard-softswitch"};

// What roff would read as something else: groff_char(7).
constexpr std::pair<char, std::string_view> kEscapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"},
                                                          {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};

// Text that roff prints as it stands. A line may not begin with a control character either.
std::string literal(std::string_view text) {
  std::string result;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && c == '.') result += "\\&";
    line_begins = c == '\n';
    const auto* const escape =
        std::find_if(std::begin(kEscapes), std::end(kEscapes), [&](const auto& e) { return e.first == c; });
    if (escape == std::end(kEscapes))
      result += c;
    else
      result += escape->second;
  }
  return result;
}

// With what the option takes, its default, and whether it is needed: in --help's words.
class OptionText : public CLI::Formatter {
 public:
  std::string entry(const CLI::Option& option) const {
    return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", literal(make_option_name(&option, option.get_positional())),
                       literal(make_option_opts(&option)), literal(make_option_desc(&option)));
  }
  std::string usage(const CLI::Option& positional) const { return make_option_usage(&positional); }
};

std::string synopsis(const CLI::App& app, const std::string& name) {
  const OptionText text;
  std::string line = fmt::format("\\fB{}\\fR [OPTIONS]", literal(name));
  for (const CLI::Option* positional : positionals_of(app)) line += ' ' + literal(text.usage(*positional));
  if (!subcommands_of(app).empty()) line += " COMMAND ...";
  return line + '\n';
}

std::string entries(const CLI::App& app) {
  const OptionText text;
  std::string all;
  for (const CLI::Option* positional : positionals_of(app)) all += text.entry(*positional);
  for (const CLI::Option* option : options_of(app)) all += text.entry(*option);
  return all;
}

std::string commands(const CLI::App& app, const std::string& name) {
  std::string all;
  for (const CLI::App* sub : subcommands_of(app)) {
    const std::string full_name = name + ' ' + sub->get_name();
    if (sub->get_prefix_command())
      all += fmt::format(".SS {0}\n{1}. See \\fB{2}\\fR(1).\n", literal(full_name),
                         literal(sub->get_description()), literal(program_name(full_name)));
    else if (subcommands_of(*sub).empty())
      all += fmt::format(".SS {}\n{}.\n.PP\n{}{}", literal(full_name), literal(sub->get_description()),
                         synopsis(*sub, full_name), entries(*sub));
    else
      all += commands(*sub, full_name);
  }
  return all;
}

std::string see_also(const std::string& own_name) {
  std::string all;
  for (const std::string_view program : kPrograms)
    if (program != own_name)
      all += fmt::format("{}\\fB{}\\fR(1)", all.empty() ? "" : ",\n", literal(program));
  return all + '\n';
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  const std::string name = program_name(app.get_name());
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string summary = app.get_description();
  if (!summary.empty() && summary.back() == '.') summary.pop_back();
  std::string page =
      fmt::format(".TH {} 1 \"\" \"Railyard {}\" \"User Commands\"\n", literal(title), RAILYARD_VERSION);
  page += fmt::format(".SH NAME\n{} \\- {}\n", literal(name), literal(summary));
  page += ".SH SYNOPSIS\n" + synopsis(app, app.get_name());
  page += ".SH OPTIONS\n" + entries(app);
  if (!subcommands_of(app).empty()) page += ".SH COMMANDS\n" + commands(app, app.get_name());
  if (!app.get_footer().empty()) page += fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", literal(app.get_footer()));
  return page + ".SH SEE ALSO\n" + see_also(name);
}

}  // namespace railyard
