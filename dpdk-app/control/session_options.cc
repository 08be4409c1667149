// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/session_options.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "dpdk-app/control/message_framing.h"

namespace railyard::lab {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

tl::expected<ControlAddress, std::string> parse_address(const std::string& text) {
  ControlAddress address{text, kDefaultPort, ""};
  const auto wrong = [&text] {
    return tl::make_unexpected(
        fmt::format("'{}' is no address: write host:port, such as 10.1.0.7:{}, or {}/PATH of a socket", text,
                    kDefaultPort, kUnix));
  };
  if (text.compare(0, kUnix.size(), kUnix) == 0) {
    address = {"", 0, text.substr(kUnix.size())};
    if (address.socket_path.empty() || address.socket_path.front() != '/') return wrong();
    if (address.socket_path.size() > kLongestSocketPath)
      return tl::make_unexpected(
          fmt::format("'{}': a socket's path has at most {} characters", text, kLongestSocketPath));
    return address;
  }
  size_t colon = text.rfind(':');
  if (!text.empty() && text.front() == '[') {
    const size_t end = text.find(']');
    if (end == std::string::npos) return wrong();
    address.host = text.substr(1, end - 1);
    colon = end + 1 == text.size() ? std::string::npos : end + 1;
    if (colon != std::string::npos && text[colon] != ':') return wrong();
  } else if (colon != std::string::npos) {
    address.host = text.substr(0, colon);
    if (address.host.find(':') != std::string::npos) return wrong();  // an IPv6 address wants brackets
  }
  if (colon != std::string::npos) {
    const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
    const auto parsed = std::from_chars(begin, end, address.port);
    if (parsed.ec != std::errc() || parsed.ptr != end) return wrong();
  }
  if (address.host.empty()) return wrong();
  return address;
}

tl::expected<std::string, std::string> read_token(const std::string& path) {
  struct stat status {};
  std::ifstream file(path);
  if (!file || stat(path.c_str(), &status) != 0)
    return tl::make_unexpected(fmt::format("token file {}: {}", path, std::strerror(errno)));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return tl::make_unexpected(
        fmt::format("token file {}: others than its owner may use it; chmod 600 {}", path, path));
  std::string line;
  std::getline(file, line);
  constexpr const char* kBlanks = " \t\r\n";
  const size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string::npos)
    return tl::make_unexpected(fmt::format(
        "token file {}: its first line is empty; fill it with `openssl rand -hex 32 > {}`", path, path));
  std::string token = line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
  if (token.size() < kShortestToken)
    return tl::make_unexpected(fmt::format(
        "token file {}: {} characters are too few, it takes at least {}; fill it with `openssl rand "
        "-hex 32 > {}`",
        path, token.size(), kShortestToken, path));
  return token;
}

tl::expected<void, std::string> check_token(const SessionOptions& options, bool runs_as_root) {
  if (!runs_as_root || !options.token.empty()) return {};
  if (const auto place = parse_address(options.address); !place || place->is_unix()) return {};
  return tl::make_unexpected(fmt::format(
      "--token-file is missing: a player that runs as root wants a token on loopback too, where "
      "any user of this machine could start a run; make one of at least {} characters with "
      "`(umask 077; openssl rand -hex 32 > lab.token)`, and name it in lab.token_file as well; or "
      "listen on a Unix socket, --listen unix:/run/railyard.sock",
      kShortestToken));
}

}  // namespace railyard::lab
