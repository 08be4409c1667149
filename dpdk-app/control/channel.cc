// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/channel.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

namespace railyard::lab {
namespace {

constexpr size_t kReadSize = size_t{64} << 10;

std::string encode_or_say_why_not(const control::Message& message) {
  auto frame = encode_frame(message);
  if (frame) return *std::move(frame);
  control::Message failure;
  failure.mutable_failure()->set_what(frame.error());
  return encode_frame(failure).value();
}

std::string text_of(const Tcp::endpoint& endpoint) {
  return fmt::format(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}", endpoint.address().to_string(),
                     endpoint.port());
}

}  // namespace

Tcp::endpoint tcp_endpoint(const AnyStream::endpoint& any) {
  Tcp::endpoint endpoint;
  endpoint.resize(any.size());
  std::memcpy(endpoint.data(), any.data(), any.size());
  return endpoint;
}

tl::expected<std::shared_ptr<asio::ssl::context>, std::string> make_tls(const TlsFiles& files, bool server) {
  if (!files.enabled()) return nullptr;
  if (files.certificate.empty() || files.key.empty() || files.ca.empty())
    return tl::make_unexpected("TLS wants all three: --tls-cert, --tls-key and --tls-ca");
  using Context = asio::ssl::context;
  auto context = std::make_shared<Context>(server ? Context::tls_server : Context::tls_client);
  boost::system::error_code error;
  const auto failed = [&error](std::string_view option, const std::string& path) {
    return tl::make_unexpected(fmt::format("{} {}: {}", option, path, error.message()));
  };
  context->set_options(Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 | Context::no_tlsv1_1);
  if (context->use_certificate_chain_file(files.certificate, error))
    return failed("--tls-cert", files.certificate);
  if (context->use_private_key_file(files.key, Context::pem, error)) return failed("--tls-key", files.key);
  if (context->load_verify_file(files.ca, error)) return failed("--tls-ca", files.ca);
  context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  return context;
}

Channel::Channel(Io io, std::shared_ptr<asio::ssl::context> tls, size_t limit)
    : io_(std::move(io)),
      tls_(std::move(tls)),
      stream_(*io_, tls_ ? *tls_ : plain_),
      use_tls_(tls_ != nullptr),
      parser_(limit),
      input_(kReadSize, '\0'),
      started_(std::chrono::steady_clock::now()),
      last_sign_(started_) {}

template <class Buffers, class Done>
void Channel::async_read(const Buffers& buffers, Done done) {
  if (use_tls_)
    stream_.async_read_some(buffers, std::move(done));
  else
    socket().async_read_some(buffers, std::move(done));
}

template <class Buffers, class Done>
void Channel::async_write(const Buffers& buffers, Done done) {
  if (use_tls_)
    stream_.async_write_some(buffers, std::move(done));
  else
    socket().async_write_some(buffers, std::move(done));
}

void Channel::start(bool server, const std::string& host, std::chrono::milliseconds lost_after,
                    Callbacks callbacks, std::function<void()> on_ready) {
  callbacks_ = std::move(callbacks);
  boost::system::error_code ignored;
  if (peer_.empty()) peer_ = text_of(tcp_endpoint(socket().remote_endpoint(ignored)));
  socket().set_option(Tcp::no_delay(true), ignored);
  // A machine that lost its power acknowledges nothing: what was sent to it fails after this time.
  const auto timeout = static_cast<unsigned>(lost_after.count());
  setsockopt(socket().native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  started_ = last_sign_ = std::chrono::steady_clock::now();
  if (use_tls_) return handshake(server, host, std::move(on_ready));
  on_ready();
  read_some();
}

void Channel::handshake(bool server, const std::string& host, std::function<void()> on_ready) {
  using Stream = asio::ssl::stream_base;
  boost::system::error_code ignored;
  if (!server) stream_.set_verify_callback(asio::ssl::host_name_verification(host), ignored);
  stream_.async_handshake(
      server ? Stream::server : Stream::client,
      [self = shared_from_this(), ready = std::move(on_ready)](boost::system::error_code error) {
        if (error) return self->close(fmt::format("TLS: {}", error.message()));
        ready();
        self->read_some();
      });
}

void Channel::read_some() {
  if (closed_) return;
  async_read(asio::buffer(input_),
             [self = shared_from_this()](boost::system::error_code error, size_t bytes) {
               // TLS peers hang up without a close_notify too: messages have their own lengths.
               if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
                 return self->close("it hung up");
               if (error) return self->close(error.message());
               self->take(bytes);
             });
}

void Channel::take(size_t bytes) {
  last_sign_ = std::chrono::steady_clock::now();
  parser_.append({input_.data(), bytes});
  // What comes after a last word was sent is not listened to.
  while (!closed_ && close_reason_.empty()) {
    const auto message = parser_.next();
    if (!message) return close(message.error());
    if (!*message) break;
    callbacks_.on_message(**message);
  }
  read_some();
}

void Channel::send(const control::Message& message) {
  asio::post(*io_, [weak = weak_from_this(), frame = encode_or_say_why_not(message)]() mutable {
    if (const auto self = weak.lock()) self->send_now(std::move(frame));
  });
}

void Channel::send_now(std::string frame) {
  if (closed_ || !close_reason_.empty()) return;
  outbox_.push_back(std::move(frame));
  if (outbox_.size() == 1) write_some();
}

void Channel::write_some() {
  const std::string& frame = outbox_.front();
  async_write(asio::buffer(frame.data() + sent_of_first_, frame.size() - sent_of_first_),
              [self = shared_from_this()](boost::system::error_code error, size_t bytes) {
                if (error) return self->close(error.message());
                const size_t size = self->outbox_.front().size();
                // A long message keeps the peer from answering probes, but not from taking bytes.
                if (size > kStrangerLimit) self->last_sign_ = std::chrono::steady_clock::now();
                self->sent_of_first_ += bytes;
                if (self->sent_of_first_ == size) {
                  self->outbox_.pop_front();
                  self->sent_of_first_ = 0;
                }
                if (!self->outbox_.empty()) return self->write_some();
                if (!self->close_reason_.empty()) self->close(self->close_reason_);
              });
}

void Channel::close_when_sent(const std::string& why) {
  if (outbox_.empty()) return close(why);
  close_reason_ = why;
}

void Channel::close(const std::string& why) {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket().shutdown(AnyStream::socket::shutdown_both, ignored);
  socket().close(ignored);
  if (callbacks_.on_closed) callbacks_.on_closed(why);
  // They own what calls them.
  asio::post(*io_, [self = shared_from_this()] { self->callbacks_ = {}; });
}

}  // namespace railyard::lab
