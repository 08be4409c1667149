// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/parameter_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using Indices = trace::RankBuilder::Indices;

struct ParameterServerPlan {
  ParameterServerSettings settings;

  uint32_t ranks() const { return settings.workers + settings.servers; }

  trace::Header header() const {
    trace::Header header;
    header.set_name("parameter server");
    header.set_source(fmt::format("parameter_server workers={} servers={} parameters={} asynchronous={}",
                                  settings.workers, settings.servers, format(settings.parameters),
                                  settings.asynchronous));
    header.set_rank_count(ranks());
    header.set_plain_messages(true);
    return header;
  }

  void write_rank(uint32_t rank, trace::RankBuilder& to) const {
    if (rank < settings.workers)
      work(to);
    else if (settings.asynchronous)
      serve_each(rank - settings.workers, to);
    else
      serve_all(rank - settings.workers, to);
  }

  uint64_t pulled(uint32_t server) const {
    return settings.parameters.n / settings.servers +
           (server < settings.parameters.n % settings.servers ? 1 : 0);
  }
  uint64_t pushed(uint32_t server) const {
    const double bytes = static_cast<double>(pulled(server)) / settings.gradient_compression;
    return std::max<uint64_t>(1, std::llround(bytes));
  }

  void work(trace::RankBuilder& to) const {
    Indices after;
    for (uint32_t step = 0; step < settings.steps; ++step) {
      after = {to.compute("gradients", workload::to_ns(settings.compute), after)};
      Indices there;
      for (uint32_t server = 0; server < settings.servers; ++server) {
        workload::named_send(to, "push", settings.workers + server, pushed(server), after);
        there.push_back(to.receive(settings.workers + server, pulled(server), 0));
      }
      after = there;
    }
  }

  // Everybody's gradients, then one update, then everybody's parameters.
  void serve_all(uint32_t server, trace::RankBuilder& to) const {
    Indices after;
    for (uint32_t step = 0; step < settings.steps; ++step) {
      for (uint32_t worker = 0; worker < settings.workers; ++worker)
        after.push_back(to.receive(worker, pushed(server), 0));
      after = {to.compute("update", workload::to_ns(settings.update), after)};
      for (uint32_t worker = 0; worker < settings.workers; ++worker)
        workload::named_send(to, "pull", worker, pulled(server), after);
    }
  }

  // Each worker is answered when its own gradients are in.
  void serve_each(uint32_t server, trace::RankBuilder& to) const {
    for (uint32_t step = 0; step < settings.steps; ++step) {
      for (uint32_t worker = 0; worker < settings.workers; ++worker) {
        const uint32_t in = to.receive(worker, pushed(server), 0);
        const uint32_t done = to.compute("update", workload::to_ns(settings.update), {in});
        workload::named_send(to, "pull", worker, pulled(server), {done});
      }
    }
  }
};

uint32_t ranks_of(const ParameterServerSettings& settings) {
  return ParameterServerPlan{settings}.ranks();
}

MadeJob made(const ParameterServerSettings& settings, const WorkloadContext&) {
  return make_parameter_server(settings);
}

}  // namespace

MadeJob make_parameter_server(const ParameterServerSettings& settings) {
  if (settings.parameters.n < settings.servers)
    return tl::make_unexpected(
        "parameter server: parameters must be at least a byte for each of the servers");
  return workload::source_of(ParameterServerPlan{settings});
}

const std::vector<Parameter<ParameterServerSettings>>& parameters_of(const ParameterServerSettings*) {
  using S = ParameterServerSettings;
  using namespace workload;
  constexpr double kMaxCompression = 1e6;
  constexpr std::string_view kPaper = "Li et al., OSDI 2014";
  static const std::vector<Parameter<S>> rows = {
      {"workers", &S::workers, 1, kMaxRanks / 2, "Ranks that compute gradients", kPaper},
      {"servers", &S::servers, 1, kMaxRanks / 2, "Ranks that have the parameters, in equal parts", kPaper},
      {"parameters", &S::parameters, 1, kMaxMessage, "Size of all parameters, as each worker pulls them",
       kOurs},
      {"gradient_compression", &S::gradient_compression, 1, kMaxCompression,
       "How many times smaller than the parameters the gradients are, as they are pushed", kOurs},
      {"asynchronous", &S::asynchronous, 0, 1,
       "Answer each worker when its own gradients are in, not when everybody's are", kPaper},
      {"steps", &S::steps, 1, kMaxRanks, "Steps of each worker", kOurs},
      {"compute", &S::compute, 0, kMaxTime, "How long a worker computes gradients", kOurs},
      {"update", &S::update, 0, kMaxTime,
       "How long a server updates its part; asynchronous: for each worker, beside the others'", kOurs},
  };
  return rows;
}

Workload parameter_server_workload() {
  return workload_row<ParameterServerSettings, ranks_of, made>(
      "parameter_server", "Workers push gradients to servers and pull parameters back");
}

}  // namespace railyard
