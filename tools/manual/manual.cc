// SPDX-License-Identifier: BSD-3-Clause
#include "tools/manual/manual.h"

#include <CLI/CLI.hpp>
#include <string>

#include "tools/manual/bash_completion.h"
#include "tools/manual/manual_page.h"

namespace railyard {

void add_manual(CLI::App& app) {
  const auto print_as = [&app](const std::string& format) {
    app.formatter_fn([format](const CLI::App* root, const std::string&, CLI::AppFormatMode) {
      return format == "man" ? manual_page(*root) : bash_completion(*root);
    });
    throw CLI::CallForHelp();
  };
  app.add_option_function<std::string>("--help-as", print_as)
      ->check(CLI::IsMember({"man", "bash-completion"}))
      ->group("");
}

}  // namespace railyard
