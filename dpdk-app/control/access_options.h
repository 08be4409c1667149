// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "dpdk-app/control/session_options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace railyard::lab {

// The options by which a player says who may command it; gives --listen.
CLI::Option* add_access(CLI::App& app, SessionOptions& session, std::string& token_file);

}  // namespace railyard::lab
