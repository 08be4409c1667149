// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/access_options.h"

#include <CLI/CLI.hpp>

namespace railyard::lab {

CLI::Option* add_access(CLI::App& app, SessionOptions& session, std::string& token_file) {
  CLI::Option* listen =
      app.add_option(
             "--listen", session.address,
             "Obey controllers that connect here: 127.0.0.1:7471; unix:/PATH is a socket of its user's own")
          ->capture_default_str();
  app.add_option("--token-file", token_file,
                 "Secret shared with the controller; needed off loopback, and by root");
  app.add_option("--tls-cert", session.tls.certificate, "PEM file");
  app.add_option("--tls-key", session.tls.key, "PEM file");
  app.add_option("--tls-ca", session.tls.ca, "PEM file: who signs the controller's certificate");
  return listen;
}

}  // namespace railyard::lab
