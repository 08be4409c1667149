// SPDX-License-Identifier: BSD-3-Clause
// Messages over one connection, TCP with TLS or without, or a Unix socket: what both ends of a session are
// built on. Only .cc files of this folder include it, since Asio takes seconds to parse.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "dpdk-app/control/message_framing.h"
#include "dpdk-app/control/session_options.h"

namespace railyard::lab {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using AnyStream = asio::generic::stream_protocol;

// Of either end. The error names the file.
tl::expected<std::shared_ptr<asio::ssl::context>, std::string> make_tls(const TlsFiles& files, bool server);

// Of a TCP socket.
Tcp::endpoint tcp_endpoint(const AnyStream::endpoint& any);

// Everything but send() is called on the thread that runs `io`, and calls back on it.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  using Io = std::shared_ptr<asio::io_context>;
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Callbacks {
    std::function<void(const control::Message&)> on_message;
    std::function<void(const std::string& why)> on_closed;  // once
  };

  // Without TLS `tls` is null.
  Channel(Io io, std::shared_ptr<asio::ssl::context> tls, size_t limit);

  AnyStream::socket& socket() { return stream_.next_layer(); }
  void set_limit(size_t limit) { parser_.set_limit(limit); }
  // TLS first, where there is any; then reads until it is closed. `host`: of the server that a client wants
  // to see certified.
  void start(bool server, const std::string& host, std::chrono::milliseconds lost_after, Callbacks callbacks,
             std::function<void()> on_ready);
  // From any thread; what cannot be framed becomes a Failure that says so.
  void send(const control::Message& message);
  // The same on io's thread, without a detour.
  void send_now(std::string frame);
  void close(const std::string& why);
  // Sends what waits, then closes.
  void close_when_sent(const std::string& why);

  bool is_sending() const { return !outbox_.empty(); }
  bool is_closed() const { return closed_; }
  // When something last came in, or a long message went on its way out.
  SteadyTime started() const { return started_; }
  SteadyTime last_sign_of_life() const { return last_sign_; }
  // Its address, unless somebody knew better; empty before it is connected.
  const std::string& peer() const { return peer_; }
  void set_peer(std::string peer) { peer_ = std::move(peer); }

 private:
  void read_some();
  void take(size_t bytes);
  void write_some();
  void handshake(bool server, const std::string& host, std::function<void()> on_ready);
  template <class Buffers, class Done>
  void async_read(const Buffers& buffers, Done done);
  template <class Buffers, class Done>
  void async_write(const Buffers& buffers, Done done);

  Io io_;  // first: outlives the socket
  std::shared_ptr<asio::ssl::context> tls_;
  asio::ssl::context plain_{asio::ssl::context::tls};  // that the stream wants even where it is not used
  asio::ssl::stream<AnyStream::socket> stream_;
  bool use_tls_;
  Callbacks callbacks_;
  FrameParser parser_;
  std::string input_;
  std::deque<std::string> outbox_;
  size_t sent_of_first_ = 0;
  bool closed_ = false;
  std::string close_reason_;  // not empty: once the outbox is
  SteadyTime started_, last_sign_;
  std::string peer_;
};

}  // namespace railyard::lab
