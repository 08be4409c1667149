// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/player_client.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "dpdk-app/control/channel.h"
#include "dpdk-app/control/token_proof.h"
#include "dpdk-app/control/unix_socket.h"
#include "dpdk-app/device/raw_clock.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using control::Message;

constexpr int kProbesWithinLostAfter = 4;
constexpr auto kCancelPoll = 50ms;
// Centuries: what lies beyond was made up, and would overflow.
constexpr int64_t kSaneNanoseconds = int64_t{1} << 60;

bool is_sane(const control::ClockSample& sample) {
  const auto sane = [](int64_t ns) { return ns >= 0 && ns < kSaneNanoseconds; };
  return sane(sample.received_ns()) && sane(sample.sent_ns()) && sample.sent_ns() >= sample.received_ns();
}

// As NTP does (RFC 5905, section 8), without its filters.
ClockOffset offset_of(int64_t sent, const control::ClockSample& sample, int64_t received) {
  const int64_t out = sample.received_ns() - sent, back = sample.sent_ns() - received;
  const int64_t round_trip = (received - sent) - (sample.sent_ns() - sample.received_ns());
  return {(out + back) / 2, (std::max<int64_t>(round_trip, 0) + 1) / 2};
}

}  // namespace

class PlayerClient::Impl {
 public:
  explicit Impl(const SessionOptions& options) : options_(options) {}
  ~Impl();

  tl::expected<void, ConnectError> open();
  tl::expected<ClockOffset, std::string> measure_clock(unsigned probes);
  tl::expected<Message, std::string> answer(Message::KindCase kind, std::chrono::milliseconds timeout,
                                            const std::atomic<bool>* cancelled);
  std::optional<Message> poll();
  std::string lost();
  const control::Identity& identity() const { return identity_; }
  void send(const Message& message) { channel_->send(message); }

 private:
  void resolve();
  void connect(const std::vector<AnyStream::endpoint>& endpoints);
  void on_connected();
  void on_message(const Message& message);
  void log_in(const Message& message);
  void on_sample(const control::ClockSample& sample, int64_t received);
  void on_closed(const std::string& why);
  void give_up(const std::string& why, ConnectError::Reason reason);
  void send_probe();
  void keep_alive();
  std::string failed(const std::string& why) const {
    return fmt::format("player at {}: {}", options_.address, why);
  }

  SessionOptions options_;
  Channel::Io io_ = std::make_shared<asio::io_context>(1);
  std::shared_ptr<Channel> channel_;
  Tcp::resolver resolver_{*io_};
  asio::steady_timer timer_{*io_};
  ControlAddress place_;
  Nonces nonces_;
  bool ending_ = false;
  uint64_t next_probe_ = 1;
  std::map<uint64_t, int64_t> probes_;  // sent when; of those not answered
  std::thread io_thread_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  control::Identity identity_;
  std::deque<Message> answers_, events_;
  std::string lost_;
  ConnectError::Reason lost_because_ = ConnectError::Reason::Other;
  unsigned samples_ = 0;
  ClockOffset best_;
};

PlayerClient::Impl::~Impl() {
  if (!io_thread_.joinable()) return;
  asio::post(*io_, [this] {
    resolver_.cancel();
    timer_.cancel();
    // A last word, such as Stop, still goes out; the time that is left for it ends with the peer's life.
    channel_->close_when_sent("this controller ends");
    if (channel_->is_closed()) return;
    ending_ = true;
    timer_.expires_after(options_.lost_after);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) channel_->close("this controller ends");
    });
  });
  io_thread_.join();
}

tl::expected<void, ConnectError> PlayerClient::Impl::open() {
  const auto place = parse_address(options_.address);
  if (!place) return tl::make_unexpected(ConnectError{place.error()});
  place_ = *place;
  if (place_.is_unix()) {
    options_.token.clear();
    options_.tls = {};
  }
  auto tls = make_tls(options_.tls, false);
  if (!tls) return tl::make_unexpected(ConnectError{failed(tls.error())});
  channel_ = std::make_shared<Channel>(io_, *tls, kPeerLimit);
  if (place_.is_unix())
    connect({asio::local::stream_protocol::endpoint(place_.socket_path)});
  else
    resolve();
  io_thread_ = std::thread([this] { io_->run(); });
  std::unique_lock lock(mutex_);
  const bool in_time =
      changed_.wait_for(lock, options_.connect_timeout, [this] { return connected_ || !lost_.empty(); });
  if (!lost_.empty()) return tl::make_unexpected(ConnectError{failed(lost_), lost_because_});
  if (!in_time)
    return tl::make_unexpected(ConnectError{failed(
        fmt::format("no answer within {} ms; is it running, and does a firewall let TCP port {} through?",
                    options_.connect_timeout.count(), place->port))});
  return {};
}

void PlayerClient::Impl::resolve() {
  resolver_.async_resolve(
      place_.host, std::to_string(place_.port),
      [this](boost::system::error_code error, const Tcp::resolver::results_type& found) {
        if (error) return on_closed(fmt::format("host '{}': {}", place_.host, error.message()));
        const bool is_here = std::all_of(found.begin(), found.end(), [](const auto& one) {
          return one.endpoint().address().is_loopback();
        });
        if (options_.token.empty() && !is_here)
          return on_closed("it is not on this machine, and there is no token; set lab.token_file");
        std::vector<AnyStream::endpoint> endpoints;
        for (const auto& one : found) endpoints.emplace_back(one.endpoint());
        connect(endpoints);
      });
}

void PlayerClient::Impl::connect(const std::vector<AnyStream::endpoint>& endpoints) {
  const auto done = [this](boost::system::error_code failure, const AnyStream::endpoint& /*where*/) {
    if (failure == asio::error::connection_refused ||
        failure == boost::system::errc::no_such_file_or_directory)
      return give_up("nobody listens there; start railyard-agent or railyard-softswitch",
                     ConnectError::Reason::NobodyListens);
    if (failure) return on_closed(failure.message());
    on_connected();
  };
  asio::async_connect(channel_->socket(), endpoints, done);
}

void PlayerClient::Impl::on_connected() {
  if (place_.is_unix()) {
    const auto peer = trusted_peer(channel_->socket().native_handle());
    if (!peer) return give_up(peer.error(), ConnectError::Reason::Other);
    channel_->set_peer(*peer);
  }
  channel_->start(false, place_.host, options_.lost_after,
                  {[this](const Message& message) { on_message(message); },
                   [this](const std::string& why) { on_closed(why); }},
                  [this] {
                    nonces_.controller = make_nonce();
                    Message message;
                    control::Hello& hello = *message.mutable_hello();
                    hello.set_protocol(kProtocolVersion);
                    hello.set_version(RAILYARD_VERSION);
                    hello.set_nonce(nonces_.controller);
                    channel_->send_now(encode_frame(message).value());
                  });
}

void PlayerClient::Impl::on_message(const Message& message) {
  const int64_t received = raw_clock_ns();
  if (message.has_clock_sample()) return on_sample(message.clock_sample(), received);
  std::unique_lock lock(mutex_);
  if (!connected_) {
    lock.unlock();
    return log_in(message);
  }
  if (message.has_prepared() || message.has_probe_result() || message.has_drained() ||
      message.has_measurements())
    answers_.push_back(message);
  else
    events_.push_back(message);
  changed_.notify_all();
}

void PlayerClient::Impl::log_in(const Message& message) {
  using Reason = ConnectError::Reason;
  const bool challenged = !nonces_.player.empty();
  if (message.has_challenge() && !challenged) {
    nonces_.player = message.challenge().nonce();
    if (nonces_.player.size() != kNonceBytes)
      return give_up("it does not speak as a player does", Reason::Other);
    Message proof;
    proof.mutable_proof()->set_hmac(proof_of(options_.token, End::Controller, nonces_));
    return channel_->send_now(encode_frame(proof).value());
  }
  if (message.has_failure())
    return give_up(message.failure().what(), message.failure().taken() ? Reason::Taken : Reason::Other);
  if (!message.has_identity() || !challenged)
    return give_up("it does not speak as a player does", Reason::Other);
  if (!is_proof(message.identity().proof(), options_.token, End::Player, nonces_))
    return give_up(
        "it let us in, but does not know the token: it is not the player that it claims to be; see "
        "who listens there",
        Reason::Other);
  {
    std::lock_guard lock(mutex_);
    identity_ = message.identity();
    identity_.clear_proof();
    connected_ = true;
    changed_.notify_all();
  }
  keep_alive();
}

void PlayerClient::Impl::give_up(const std::string& why, ConnectError::Reason reason) {
  {
    std::lock_guard lock(mutex_);
    lost_ = why;
    lost_because_ = reason;
    changed_.notify_all();
  }
  channel_->close(why);
}

void PlayerClient::Impl::on_sample(const control::ClockSample& sample, int64_t received) {
  const auto probe = probes_.find(sample.sequence());
  if (probe == probes_.end() || !is_sane(sample)) return;
  const ClockOffset offset = offset_of(probe->second, sample, received);
  probes_.erase(probe);
  std::lock_guard lock(mutex_);
  if (samples_ == 0 || offset.error_ns < best_.error_ns) best_ = offset;
  ++samples_;
  changed_.notify_all();
}

void PlayerClient::Impl::on_closed(const std::string& why) {
  if (ending_) timer_.cancel();
  std::lock_guard lock(mutex_);
  if (lost_.empty())
    lost_ = connected_
                ? fmt::format("the connection broke: {}", why)
                : fmt::format("{}{}", why,
                              channel_->peer().empty() ? ""
                                                       : " before the session began; is TLS on at one "
                                                         "end only, or the certificate not of its CA?");
  changed_.notify_all();
}

void PlayerClient::Impl::send_probe() {
  Message message;
  message.mutable_clock_probe()->set_sequence(next_probe_);
  std::string frame = encode_frame(message).value();
  probes_[next_probe_++] = raw_clock_ns();
  channel_->send_now(std::move(frame));
}

void PlayerClient::Impl::keep_alive() {
  if (channel_->is_closed()) return;
  const auto silence = std::chrono::steady_clock::now() - channel_->last_sign_of_life();
  if (silence > options_.lost_after)
    return channel_->close(fmt::format("nothing was heard of it for {} ms", options_.lost_after.count()));
  if (!channel_->is_sending()) send_probe();
  timer_.expires_after(options_.lost_after / kProbesWithinLostAfter);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) keep_alive();
  });
}

tl::expected<ClockOffset, std::string> PlayerClient::Impl::measure_clock(unsigned probes) {
  std::unique_lock lock(mutex_);
  samples_ = 0;
  for (unsigned i = 0; i < probes; ++i) {
    lock.unlock();
    asio::post(*io_, [this] { send_probe(); });
    lock.lock();
    const bool in_time =
        changed_.wait_for(lock, options_.lost_after, [&] { return samples_ > i || !lost_.empty(); });
    if (!lost_.empty()) return tl::make_unexpected(failed(lost_));
    if (!in_time) return tl::make_unexpected(failed("it does not answer clock probes"));
  }
  return best_;
}

tl::expected<Message, std::string> PlayerClient::Impl::answer(Message::KindCase kind,
                                                              std::chrono::milliseconds timeout,
                                                              const std::atomic<bool>* cancelled) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  for (;;) {
    for (auto message = answers_.begin(); message != answers_.end(); ++message)
      if (message->kind_case() == kind) {
        Message found = std::move(*message);
        // Answers come in order: what lies before it was not waited for long enough, and is of an earlier
        // run.
        answers_.erase(answers_.begin(), std::next(message));
        return found;
      }
    for (auto event = events_.begin(); event != events_.end(); ++event)
      if (event->has_failure()) {
        const std::string what = event->failure().what();
        events_.erase(event);
        return tl::make_unexpected(failed(what));
      }
    if (!lost_.empty()) return tl::make_unexpected(failed(lost_));
    if (cancelled != nullptr && *cancelled) return tl::make_unexpected(failed("not waited for any longer"));
    if (std::chrono::steady_clock::now() >= deadline)
      return tl::make_unexpected(failed(fmt::format("no answer within {} ms", timeout.count())));
    changed_.wait_for(lock, kCancelPoll);
  }
}

std::optional<Message> PlayerClient::Impl::poll() {
  std::lock_guard lock(mutex_);
  if (events_.empty()) return std::nullopt;
  Message message = std::move(events_.front());
  events_.pop_front();
  return message;
}

std::string PlayerClient::Impl::lost() {
  std::lock_guard lock(mutex_);
  return lost_.empty() ? "" : failed(lost_);
}

PlayerClient::PlayerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PlayerClient::~PlayerClient() = default;

tl::expected<std::unique_ptr<PlayerClient>, ConnectError> PlayerClient::connect(
    const SessionOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  if (auto opened = impl->open(); !opened) return tl::make_unexpected(opened.error());
  return std::unique_ptr<PlayerClient>(new PlayerClient(std::move(impl)));
}

const control::Identity& PlayerClient::identity() const {
  return impl_->identity();
}

tl::expected<ClockOffset, std::string> PlayerClient::measure_clock(unsigned probes) {
  return impl_->measure_clock(probes);
}

void PlayerClient::send(const control::Message& message) {
  impl_->send(message);
}

tl::expected<control::Message, std::string> PlayerClient::answer(control::Message::KindCase kind,
                                                                 std::chrono::milliseconds timeout,
                                                                 const std::atomic<bool>* cancelled) {
  return impl_->answer(kind, timeout, cancelled);
}

std::optional<control::Message> PlayerClient::poll() {
  return impl_->poll();
}

std::string PlayerClient::lost() const {
  return impl_->lost();
}

}  // namespace railyard::lab
