// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/prometheus.h"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include <mutex>
#include <stdexcept>
#include <utility>

namespace railyard::lab {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double kPicosecondsPerSecond = 1e12;
constexpr double kQuantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999};

// Who sends half a request holds one of the threads up for that long, and nobody else.
constexpr const char *kThreads = "4", *kRequestTimeoutMs = "1000";

// The library takes a bare port for every address of the machine.
std::string with_host(const std::string& address) {
  const std::string port = address.substr(address.rfind(':') + 1);
  const bool has_host = address.find(':', 1) != std::string::npos && address[0] != ':';
  return has_host ? address : "127.0.0.1:" + port;
}

// The library's own counters only add; ours come as totals, so we hand over what was last set.
class Metrics : public prometheus::Collectable {
 public:
  explicit Metrics(std::string player) : player_(std::move(player)) {}

  std::vector<MetricFamily> Collect() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<MetricFamily> families;
    for (const auto& [name, family] : families_) families.push_back(family);
    return families;
  }

  void set(const std::string& name, MetricType type, ClientMetric metric) {
    metric.label.push_back({"player", player_});
    const std::lock_guard<std::mutex> lock(mutex_);
    families_[name] = {"railyard_" + name, name, type, {std::move(metric)}};
  }

 private:
  const std::string player_;
  mutable std::mutex mutex_;
  std::map<std::string, MetricFamily> families_;
};

}  // namespace

struct PrometheusEndpoint::State {
  std::shared_ptr<Metrics> metrics;
  prometheus::Exposer exposer;
};

PrometheusEndpoint::PrometheusEndpoint(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrometheusEndpoint::PrometheusEndpoint(PrometheusEndpoint&&) noexcept = default;
PrometheusEndpoint& PrometheusEndpoint::operator=(PrometheusEndpoint&&) noexcept = default;
PrometheusEndpoint::~PrometheusEndpoint() = default;

tl::expected<PrometheusEndpoint, std::string> PrometheusEndpoint::listen(const std::string& address,
                                                                         const std::string& player) {
  try {
    if (address.find(',') != std::string::npos) throw std::invalid_argument("it names several places");
    std::unique_ptr<State> state(new State{
        std::make_shared<Metrics>(player),
        prometheus::Exposer(std::vector<std::string>{"listening_ports", with_host(address), "num_threads",
                                                     kThreads, "request_timeout_ms", kRequestTimeoutMs})});
    state->exposer.RegisterCollectable(state->metrics);
    return PrometheusEndpoint(std::move(state));
  } catch (const std::exception& problem) {
    return tl::unexpected(
        fmt::format("the metrics endpoint cannot listen on '{}': {}; it takes PORT, or ADDRESS:PORT of "
                    "this machine, that nobody listens on",
                    address, problem.what()));
  }
}

void PrometheusEndpoint::set_counter(const std::string& name, uint64_t total) {
  ClientMetric metric;
  metric.counter.value = static_cast<double>(total);
  state_->metrics->set(name, MetricType::Counter, std::move(metric));
}

void PrometheusEndpoint::set_gauge(const std::string& name, double value) {
  ClientMetric metric;
  metric.gauge.value = value;
  state_->metrics->set(name, MetricType::Gauge, std::move(metric));
}

void PrometheusEndpoint::set_histogram(const std::string& name, const Histogram& histogram) {
  ClientMetric metric;
  metric.summary.sample_count = histogram.total();
  metric.summary.sample_sum =
      histogram.mean() * static_cast<double>(histogram.total()) / kPicosecondsPerSecond;
  for (double quantile : kQuantiles) {
    const auto ps = static_cast<double>(histogram.percentile(quantile * 100));
    metric.summary.quantile.push_back({quantile, ps / kPicosecondsPerSecond});
  }
  state_->metrics->set(name + "_seconds", MetricType::Summary, std::move(metric));
}

}  // namespace railyard::lab
