// SPDX-License-Identifier: BSD-3-Clause
// What a player counts, for a Prometheus server to scrape. Nothing listens until one is made.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "dpdk-app/measurement/histogram.h"

namespace railyard::lab {

class PrometheusEndpoint {
 public:
  // Listens on `address`, "10.1.0.7:9464", or on loopback where it names only a port, "9464" or ":9464". A
  // request that does not come to its end holds up no other. Every metric carries the label
  // player="`player`". The error names the address.
  static tl::expected<PrometheusEndpoint, std::string> listen(const std::string& address,
                                                              const std::string& player);
  PrometheusEndpoint(PrometheusEndpoint&&) noexcept;
  PrometheusEndpoint& operator=(PrometheusEndpoint&&) noexcept;
  ~PrometheusEndpoint();

  // From any thread but a polling one, as often as scrapes should see something new. A counter's value is its
  // total, which never falls; names are Prometheus's: letters, digits and '_'. They appear as
  // railyard_<name>; a histogram as the summary railyard_<name>_seconds with quantiles, sum and count.
  void set_counter(const std::string& name, uint64_t total);
  void set_gauge(const std::string& name, double value);
  void set_histogram(const std::string& name, const Histogram& histogram);

 private:
  struct State;
  explicit PrometheusEndpoint(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace railyard::lab
