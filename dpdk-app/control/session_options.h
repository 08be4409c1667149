// SPDX-License-Identifier: BSD-3-Clause
// What both ends of a control session are told when they start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace railyard::lab {

// PEM files. With them the session is TLS 1.2 or later, and either end must show a certificate signed by
// `ca`.
struct TlsFiles {
  std::string certificate, key, ca;

  bool enabled() const { return !certificate.empty() || !key.empty() || !ca.empty(); }
};

struct SessionOptions {
  // "10.1.0.7:7471", "[::1]:7471", "lab7"; a server may listen on port 0, any free one. Or
  // "unix:/run/agent.sock", where the kernel says who is at the other end: token and TLS are not used there.
  std::string address;
  std::string token;  // shared secret, never sent; without one both ends keep to loopback
  TlsFiles tls;
  std::chrono::milliseconds connect_timeout{3000};  // Hello and Identity included
  // A peer from whom nothing came for so long is gone. The controller probes four times as often.
  std::chrono::milliseconds lost_after{2000};
};

struct ControlAddress {
  std::string host;
  uint16_t port = 0;
  std::string socket_path;  // where it is not empty: a Unix socket, and no host

  bool is_unix() const { return !socket_path.empty(); }
};

// The port is kDefaultPort where none is named. The error quotes the text.
tl::expected<ControlAddress, std::string> parse_address(const std::string& text);

// Characters of a token. Hexadecimal ones are worth four bits each: whoever guesses a million a second needs
// more than 100,000 years for half of them.
constexpr size_t kShortestToken = 16;

// The first line of a token file, without blanks at its ends. The error names the file: it cannot be read, is
// empty or too short, or others than its owner may read it.
tl::expected<std::string, std::string> read_token(const std::string& path);

// A player that runs as root needs a token on loopback too, since every user of its machine reaches it there,
// or a Unix socket. The error says how to make one.
tl::expected<void, std::string> check_token(const SessionOptions& options, bool runs_as_root);

}  // namespace railyard::lab
