// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/player_server.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "dpdk-app/control/channel.h"
#include "dpdk-app/control/token_proof.h"
#include "dpdk-app/control/unix_socket.h"
#include "dpdk-app/device/raw_clock.h"

namespace railyard::lab {
namespace {

using control::Message;
using SteadyClock = std::chrono::steady_clock;

// Connections that did not log in yet: beyond so many the oldest goes. A controller is through within two
// round trips, and a crowd that would push it out by then must dial faster than that.
constexpr size_t kStrangers = 64;
// Looks at all sessions so many times within the time after which a controller counts as lost.
constexpr int kLooks = 8;

Message failure(std::string what) {
  Message message;
  message.mutable_failure()->set_what(std::move(what));
  return message;
}

Message clock_sample(uint64_t sequence, int64_t received_ns) {
  Message message;
  control::ClockSample& sample = *message.mutable_clock_sample();
  sample.set_sequence(sequence);
  sample.set_received_ns(received_ns);
  sample.set_sent_ns(raw_clock_ns());
  return message;
}

}  // namespace

class PlayerServer::Impl {
 public:
  Impl(const SessionOptions& options, PlayerHandler& handler) : options_(options), handler_(handler) {}
  ~Impl() { stop(); }

  tl::expected<void, std::string> open();
  uint16_t port() const { return port_; }
  std::string place() const { return place_.is_unix() ? place_.socket_path : fmt::format("port {}", port_); }

 private:
  using ChannelPtr = std::shared_ptr<Channel>;
  // Who did not log in yet. The nonces are empty until Hello.
  using Strangers = std::map<ChannelPtr, Nonces>;

  tl::expected<void, std::string> bind_tcp();
  tl::expected<void, std::string> bind_unix();
  void stop();
  void accept();
  void welcome(const ChannelPtr& channel);
  void evict_oldest();
  void look_at_sessions();
  void on_message(const ChannelPtr& channel, const Message& message);
  void on_stranger(const ChannelPtr& channel, const Message& message);
  void on_hello(const ChannelPtr& channel, const control::Hello& hello);
  void on_proof(const ChannelPtr& channel, const std::string& proof);
  void let_in(const ChannelPtr& channel, const std::string& proof);
  void on_closed(const ChannelPtr& channel, const std::string& why);
  void refuse(const ChannelPtr& channel, const std::string& why, bool taken = false);

  SessionOptions options_;
  PlayerHandler& handler_;
  std::shared_ptr<asio::ssl::context> tls_;
  Channel::Io io_ = std::make_shared<asio::io_context>(1);
  asio::basic_socket_acceptor<AnyStream> acceptor_{*io_};
  asio::steady_timer timer_{*io_};
  Strangers strangers_;
  ChannelPtr controller_;
  ControlAddress place_;
  uint16_t port_ = 0;
  bool accepting_ = false;
  asio::thread_pool handler_thread_{1};
  std::thread io_thread_;
};

tl::expected<void, std::string> PlayerServer::Impl::open() {
  const auto place = parse_address(options_.address);
  if (!place) return tl::make_unexpected(place.error());
  place_ = *place;
  const auto failed = [&](const std::string& why) {
    return tl::make_unexpected(
        fmt::format("cannot listen for the controller on {}: {}", options_.address, why));
  };
  auto tls = make_tls(options_.tls, true);
  if (!tls) return failed(tls.error());
  tls_ = *tls;
  if (const auto bound = place_.is_unix() ? bind_unix() : bind_tcp(); !bound) return failed(bound.error());
  boost::system::error_code error;
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use)
    return failed("something listens there already; stop it or choose another port");
  if (error) return failed(error.message());
  if (!place_.is_unix()) port_ = tcp_endpoint(acceptor_.local_endpoint()).port();
  look_at_sessions();
  io_thread_ = std::thread([this] { io_->run(); });
  return {};
}

tl::expected<void, std::string> PlayerServer::Impl::bind_tcp() {
  boost::system::error_code error;
  const auto found = Tcp::resolver(*io_).resolve(place_.host, std::to_string(place_.port), error);
  if (error) return tl::make_unexpected(fmt::format("host '{}': {}", place_.host, error.message()));
  const Tcp::endpoint endpoint = found.begin()->endpoint();
  if (options_.token.empty() && !endpoint.address().is_loopback())
    return tl::make_unexpected(
        std::string("off loopback anybody could start a run; give a token with --token-file"));
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (error == asio::error::address_in_use)
    return tl::make_unexpected(
        std::string("something listens there already; stop it or choose another port"));
  if (error) return tl::make_unexpected(error.message());
  return {};
}

tl::expected<void, std::string> PlayerServer::Impl::bind_unix() {
  if (options_.tls.enabled() || !options_.token.empty())
    return tl::make_unexpected(
        std::string("on a Unix socket the kernel says who is there; leave out --token-file and --tls-*"));
  boost::system::error_code error;
  acceptor_.open(asio::local::stream_protocol(), error);
  if (error) return tl::make_unexpected(error.message());
  return bind_unix_socket(acceptor_.native_handle(), place_.socket_path);
}

void PlayerServer::Impl::stop() {
  if (!io_thread_.joinable()) return;
  asio::post(*io_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    if (place_.is_unix()) unlink(place_.socket_path.c_str());
    timer_.cancel();
    for (const auto& [stranger, nonces] : Strangers(strangers_)) stranger->close("the player ends");
    if (controller_) controller_->close("the player ends");
  });
  io_thread_.join();  // nothing is left to wait for once all is closed
  handler_thread_.join();
}

void PlayerServer::Impl::accept() {
  accepting_ = true;
  auto channel = std::make_shared<Channel>(io_, tls_, kStrangerLimit);
  acceptor_.async_accept(channel->socket(), [this, channel](boost::system::error_code error) {
    accepting_ = false;
    if (error) return;  // closed, or out of file descriptors: the next look tries again
    if (strangers_.size() == kStrangers) evict_oldest();
    welcome(channel);
    accept();
  });
}

void PlayerServer::Impl::evict_oldest() {
  const auto oldest =
      std::min_element(strangers_.begin(), strangers_.end(),
                       [](const auto& a, const auto& b) { return a.first->started() < b.first->started(); });
  const ChannelPtr evicted = oldest->first;
  evicted->close("others want in, and it did not log in");
}

void PlayerServer::Impl::welcome(const ChannelPtr& channel) {
  strangers_.emplace(channel, Nonces{});
  const auto peer = place_.is_unix() ? trusted_peer(channel->socket().native_handle()) : "";
  if (peer) channel->set_peer(*peer);
  // Weak: a channel that held itself would never go.
  const std::weak_ptr<Channel> weak = channel;
  channel->start(true, "", options_.lost_after,
                 {[this, weak](const Message& message) { on_message(weak.lock(), message); },
                  [this, weak](const std::string& why) { on_closed(weak.lock(), why); }},
                 [] {});
  if (!peer) refuse(channel, peer.error());
}

void PlayerServer::Impl::look_at_sessions() {
  if (!acceptor_.is_open()) return;
  if (!accepting_) accept();
  const auto now = SteadyClock::now();
  for (const auto& [stranger, nonces] : Strangers(strangers_))
    if (now - stranger->started() > options_.connect_timeout) stranger->close("it did not log in");
  if (controller_ && now - controller_->last_sign_of_life() > options_.lost_after)
    controller_->close(fmt::format("nothing was heard of it for {} ms", options_.lost_after.count()));
  timer_.expires_after(options_.lost_after / kLooks);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) look_at_sessions();
  });
}

void PlayerServer::Impl::refuse(const ChannelPtr& channel, const std::string& why, bool taken) {
  Message message = failure(why);
  message.mutable_failure()->set_taken(taken);
  channel->send_now(encode_frame(message).value());
  channel->close_when_sent(why);
}

void PlayerServer::Impl::on_message(const ChannelPtr& channel, const Message& message) {
  const int64_t received_ns = raw_clock_ns();
  if (channel != controller_) return on_stranger(channel, message);
  switch (message.kind_case()) {
    case Message::kClockProbe:
      channel->send_now(encode_frame(clock_sample(message.clock_probe().sequence(), received_ns)).value());
      return;
    case Message::kStop:
      handler_.on_interruption();
      [[fallthrough]];
    case Message::kPrepare:
    case Message::kProbe:
    case Message::kStart:
    case Message::kDrain:
    case Message::kCollect:
      asio::post(handler_thread_, [this, message, weak = std::weak_ptr<Channel>(channel)] {
        handler_.on_message(message, [weak](const Message& reply) {
          if (const auto alive = weak.lock()) alive->send(reply);
        });
      });
      return;
    default:
      refuse(channel, "a message came that only a player sends, or a second Hello");
  }
}

void PlayerServer::Impl::on_stranger(const ChannelPtr& channel, const Message& message) {
  const bool said_hello = !strangers_[channel].controller.empty();
  if (message.has_hello() && !said_hello) return on_hello(channel, message.hello());
  if (message.has_proof() && said_hello) return on_proof(channel, message.proof().hmac());
  refuse(channel, "a controller says Hello first, then Proof");
}

void PlayerServer::Impl::on_hello(const ChannelPtr& channel, const control::Hello& hello) {
  if (hello.protocol() != kProtocolVersion)
    return refuse(channel,
                  fmt::format("the controller ({}) speaks version {} of the control protocol, this "
                              "player ({}) version {}; install the same Railyard at both ends",
                              hello.version(), hello.protocol(), RAILYARD_VERSION, kProtocolVersion));
  if (hello.nonce().size() != kNonceBytes)
    return refuse(channel,
                  fmt::format("a nonce of {} bytes came; it takes {}", hello.nonce().size(), kNonceBytes));
  Nonces& nonces = strangers_[channel];
  nonces = {hello.nonce(), make_nonce()};
  Message message;
  message.mutable_challenge()->set_nonce(nonces.player);
  channel->send_now(encode_frame(message).value());
}

void PlayerServer::Impl::on_proof(const ChannelPtr& channel, const std::string& proof) {
  const Nonces nonces = strangers_[channel];
  if (!is_proof(proof, options_.token, End::Controller, nonces))
    return refuse(channel, "the token is wrong; both ends need the same --token-file");
  if (controller_)
    return refuse(channel,
                  fmt::format("this player is taken: a controller at {} is connected; wait until it ends, or "
                              "stop it",
                              controller_->peer()),
                  true);
  let_in(channel, proof_of(options_.token, End::Player, nonces));
}

void PlayerServer::Impl::let_in(const ChannelPtr& channel, const std::string& proof) {
  strangers_.erase(channel);
  controller_ = channel;
  channel->set_limit(kPeerLimit);
  asio::post(handler_thread_, [this, proof, weak = std::weak_ptr<Channel>(channel)] {
    Message message;
    *message.mutable_identity() = handler_.identity();
    message.mutable_identity()->set_protocol(kProtocolVersion);
    message.mutable_identity()->set_version(RAILYARD_VERSION);
    message.mutable_identity()->set_proof(proof);
    if (const auto alive = weak.lock()) alive->send(message);
  });
}

void PlayerServer::Impl::on_closed(const ChannelPtr& channel, const std::string& why) {
  strangers_.erase(channel);
  if (channel != controller_) return;
  controller_ = nullptr;
  handler_.on_interruption();
  asio::post(handler_thread_, [this, why] { handler_.on_controller_lost(why); });
}

PlayerServer::PlayerServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PlayerServer::~PlayerServer() = default;

tl::expected<std::unique_ptr<PlayerServer>, std::string> PlayerServer::listen(const SessionOptions& options,
                                                                              PlayerHandler& handler) {
  google::protobuf::SetLogHandler(nullptr);  // it would let strangers write to our standard error
  auto impl = std::make_unique<Impl>(options, handler);
  if (auto opened = impl->open(); !opened) return tl::make_unexpected(opened.error());
  return std::unique_ptr<PlayerServer>(new PlayerServer(std::move(impl)));
}

uint16_t PlayerServer::port() const {
  return impl_->port();
}

std::string PlayerServer::place() const {
  return impl_->place();
}

}  // namespace railyard::lab
