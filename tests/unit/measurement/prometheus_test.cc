// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/prometheus.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <list>
#include <string>

namespace railyard::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Socket {
 public:
  Socket() : handle_(socket(AF_INET, SOCK_STREAM, 0)) {}
  ~Socket() { close(handle_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int handle() const { return handle_; }

  sockaddr_in bind_to_free_port() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(handle_, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size);
    return address;
  }

 private:
  int handle_;
};

std::string scrape(const sockaddr_in& address) {
  const Socket client;
  if (connect(client.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return "";
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  send(client.handle(), request.data(), request.size(), 0);
  std::string answer;
  char bytes[4'096];
  for (ssize_t n = 0; (n = recv(client.handle(), bytes, sizeof bytes, 0)) > 0;)
    answer.append(bytes, static_cast<size_t>(n));
  return answer;
}

std::string text_of(const sockaddr_in& address) {
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

TEST(Prometheus, AScrapeSeesCountersGaugesAndQuantiles) {
  const sockaddr_in address = Socket().bind_to_free_port();
  auto endpoint = PrometheusEndpoint::listen(text_of(address), "agent0");
  ASSERT_TRUE(endpoint) << endpoint.error();
  Histogram rtt;
  for (int i = 0; i < 100; ++i) rtt.add(2'000'000);  // 2 us
  endpoint->set_counter("tx_packets_total", 41);
  endpoint->set_counter("tx_packets_total", 42);
  endpoint->set_gauge("tx_bits_per_second", 1e9);
  endpoint->set_histogram("rtt", rtt);
  EXPECT_THAT(scrape(address),
              AllOf(HasSubstr("# TYPE railyard_tx_packets_total counter\n"),
                    HasSubstr("railyard_tx_packets_total{player=\"agent0\"} 42\n"),
                    HasSubstr("railyard_tx_bits_per_second{player=\"agent0\"} 1000000000\n"),
                    HasSubstr("railyard_rtt_seconds_count{player=\"agent0\"} 100\n"),
                    HasSubstr("railyard_rtt_seconds{player=\"agent0\",quantile=\"0.99\"} 2e-06")));
}

TEST(Prometheus, APortAloneIsOneOfLoopback) {
  for (const char* before : {"", ":"}) {
    sockaddr_in address = Socket().bind_to_free_port();
    const auto endpoint =
        PrometheusEndpoint::listen(before + std::to_string(ntohs(address.sin_port)), "agent0");
    ASSERT_TRUE(endpoint) << endpoint.error();
    EXPECT_THAT(scrape(address), HasSubstr("200 OK"));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);  // as far away as any other of the machine's
    EXPECT_EQ(scrape(address), "");
  }
}

TEST(Prometheus, EveryAddressIsListenedOnWhereThatIsSaid) {
  sockaddr_in address = Socket().bind_to_free_port();
  const auto endpoint =
      PrometheusEndpoint::listen("0.0.0.0:" + std::to_string(ntohs(address.sin_port)), "agent0");
  ASSERT_TRUE(endpoint) << endpoint.error();
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  EXPECT_THAT(scrape(address), HasSubstr("200 OK"));
}

TEST(Prometheus, HalfARequestHoldsUpNoOther) {
  const sockaddr_in address = Socket().bind_to_free_port();
  const auto endpoint = PrometheusEndpoint::listen(text_of(address), "agent0");
  ASSERT_TRUE(endpoint) << endpoint.error();
  const auto begin = std::chrono::steady_clock::now();
  std::list<Socket> idlers;
  for (int i = 0; i < 8; ++i) {  // more than there are threads
    Socket& idler = idlers.emplace_back();
    ASSERT_EQ(connect(idler.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    send(idler.handle(), "GET /met", 8, 0);
  }
  EXPECT_THAT(scrape(address), HasSubstr("200 OK"));
  // The library's own patience is 30 s for each.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Prometheus, AnAddressInUseIsAnErrorThatNamesIt) {
  const Socket taken;
  const sockaddr_in address = taken.bind_to_free_port();
  ASSERT_EQ(listen(taken.handle(), 1), 0);
  const auto endpoint = PrometheusEndpoint::listen(text_of(address), "agent0");
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.error(), HasSubstr(text_of(address)));
}

}  // namespace
}  // namespace railyard::lab
