// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "traffic/pattern/workload/draws.h"
#include "traffic/pattern/workload/llm/serving_writer.h"
#include "traffic/pattern/workload/llm/volumes.h"

namespace railyard::llm {
namespace {

std::vector<With> kinds_of(const ExpertHosts& hosts) {
  if (hosts.limits_nodes) return {With::Tensor, With::Experts, With::ExpertRail, With::ExpertNode};
  return {With::Tensor, With::Experts};
}

Degrees degrees_of(uint32_t instances, uint32_t tp, uint32_t ep) {
  Degrees degrees;
  degrees.tp = tp, degrees.dp = instances, degrees.ep = ep;
  return degrees;
}

tl::expected<void, std::string> check_pool(const InferenceSettings& s, const ModelShape& shape,
                                           const char* pool, uint32_t instances, uint32_t tp, uint32_t ep) {
  constexpr uint64_t kMost = 1 << 19;  // ranks; both together are as many as any job may have
  if (uint64_t{instances} * tp > kMost)
    return tl::make_unexpected(fmt::format("{0}_instances x {0}_tp may be at most {1} ranks", pool, kMost));
  if (shape.heads % tp != 0)
    return tl::make_unexpected(fmt::format("{}_tp: {} does not divide the {} heads", pool, tp, shape.heads));
  if (const auto checked = check_experts(s, shape, tp, ep, instances); !checked)
    return tl::make_unexpected(fmt::format("{}_{}", pool, checked.error()));
  return {};
}

}  // namespace

std::vector<uint64_t> request_arrivals(const InferenceSettings& settings) {
  constexpr double kNs = 1e9;
  const uint32_t together = settings.arrivals == Arrivals::Bursty ? settings.burst : 1;
  const double mean_gap = together / settings.request_rate * kNs;
  workload::Draws draws(settings.seed, "inference arrivals");
  std::vector<uint64_t> arrivals;
  double now = 0;
  while (arrivals.size() < settings.requests) {
    now += settings.arrivals == Arrivals::Even ? mean_gap : mean_gap * draws.exponential();
    for (uint32_t i = 0; i < together && arrivals.size() < settings.requests; ++i)
      arrivals.push_back(static_cast<uint64_t>(std::llround(now)));
  }
  return arrivals;
}

tl::expected<InferencePlan, std::string> InferencePlan::make(const InferenceSettings& s) {
  const ModelShape shape = s.shape();
  if (const auto checked = check_pool(s, shape, "prefill", s.prefill_instances, s.prefill_tp, s.prefill_ep);
      !checked)
    return tl::make_unexpected(checked.error());
  if (const auto checked = check_pool(s, shape, "decode", s.decode_instances, s.decode_tp, s.decode_ep);
      !checked)
    return tl::make_unexpected(checked.error());
  if (s.prefill_tp % s.decode_tp != 0 && s.decode_tp % s.prefill_tp != 0)
    return tl::make_unexpected(
        fmt::format("prefill_tp: {} and decode_tp: {}: one must divide the other, or a part of the cache has "
                    "several receivers",
                    s.prefill_tp, s.decode_tp));
  if (s.prefill_ep > 1 && s.requests % s.prefill_instances != 0)
    return tl::make_unexpected(
        fmt::format("requests: {} is no multiple of prefill_instances = {}, which go through them together "
                    "with prefill_ep",
                    s.requests, s.prefill_instances));
  return InferencePlan(s);
}

InferencePlan::InferencePlan(const InferenceSettings& s)
    : settings_(s),
      shape_(s.shape()),
      prefill_hosts_(expert_hosts(s, shape_, s.prefill_tp, s.prefill_ep)),
      decode_hosts_(expert_hosts(s, shape_, s.decode_tp, s.decode_ep)),
      prefill_(degrees_of(s.prefill_instances, s.prefill_tp, s.prefill_ep), prefill_hosts_.per_host,
               kinds_of(prefill_hosts_)),
      decode_(degrees_of(s.decode_instances, s.decode_tp, s.decode_ep), decode_hosts_.per_host,
              kinds_of(decode_hosts_), prefill_.ranks(), static_cast<uint32_t>(prefill_.groups().size())),
      arrivals_ns_(request_arrivals(s)) {}

trace::Header InferencePlan::header() const {
  trace::Header header;
  header.set_name(fmt::format("{} inference", models()[settings_.model].name));
  header.set_source(fmt::format("inference model={} prefill={}x{} decode={}x{} requests={} prompt={} seed={}",
                                models()[settings_.model].name, settings_.prefill_instances,
                                settings_.prefill_tp, settings_.decode_instances, settings_.decode_tp,
                                settings_.requests, settings_.prompt, settings_.seed));
  header.set_rank_count(ranks());
  header.set_plain_messages(true);  // caches go by RDMA writes of their own, not NCCL's
  for (const Layout* pool : {&prefill_, &decode_}) {
    for (const trace::Group& group : pool->groups()) {
      trace::Group& added = *header.add_groups();
      added = group;
      added.set_name((pool == &prefill_ ? "prefill " : "decode ") + group.name());
    }
  }
  return header;
}

// Each part goes from the prefill rank that has it to the decode rank that needs it. Of a latent cache, which
// is not divided by heads, a part is some of its tokens.
std::vector<InferencePlan::CacheMessage> InferencePlan::cache_messages(uint32_t request) const {
  const uint32_t from = settings_.prefill_tp, to = settings_.decode_tp, parts = std::max(from, to);
  const uint32_t source = request % settings_.prefill_instances * from;
  const uint32_t destination = prefill_.ranks() + request % settings_.decode_instances * to;
  const uint64_t cache = settings_.prompt * kv_bytes_per_token(shape_);
  const uint32_t pieces = settings_.layerwise ? shape_.layers : 1;
  const uint64_t count = uint64_t{pieces} * parts;
  std::vector<CacheMessage> messages;
  for (uint32_t piece = 0; piece < pieces; ++piece) {
    const bool last = piece + 1 == pieces;
    for (uint32_t part = 0; part < parts; ++part) {
      const uint64_t i = uint64_t{piece} * parts + part;
      messages.push_back({last ? "ttft" : "kv transfer", last ? shape_.layers - 1 : piece,
                          source + part * from / parts, destination + part * to / parts,
                          cache / count + (i < cache % count ? 1 : 0)});
    }
  }
  return messages;
}

void InferencePlan::write_rank(uint32_t rank, trace::RankBuilder& to) const {
  if (rank < prefill_.ranks())
    write_prefill(rank, to);
  else
    write_decode(rank, to);
}

void InferencePlan::write_prefill(uint32_t rank, trace::RankBuilder& to) const {
  Chain chain(prefill_, rank, to);
  ServingWriter pass(
      {settings_, shape_, prefill_, prefill_hosts_.limits_nodes, "prefill ", settings_.prompt, 0},
      settings_.mbu, rank, chain);
  Chain::Indices arrived;
  uint64_t last_arrival = 0;
  for (uint32_t request = rank / settings_.prefill_tp; request < settings_.requests;
       request += settings_.prefill_instances) {
    const uint64_t gap = arrivals_ns_[request] - last_arrival;
    last_arrival = arrivals_ns_[request];
    if (gap > 0) arrived = {to.wait("arrival", gap, arrived)};
    chain.wait(arrived);
    pass.begin_step();
    const std::vector<CacheMessage> messages = cache_messages(request);
    auto next = messages.begin();
    for (uint32_t layer = 0; layer < shape_.layers; ++layer) {
      pass.layer(layer);
      for (; next != messages.end() && next->layer == layer; ++next)
        if (next->source == rank) chain.send(next->name, next->destination, next->bytes, 0);
    }
    pass.end_step(1);
  }
}

void InferencePlan::write_decode(uint32_t rank, trace::RankBuilder& to) const {
  Chain cache(decode_, rank, to);
  for (uint32_t request = 0; request < settings_.requests; ++request)
    for (const CacheMessage& message : cache_messages(request))
      if (message.destination == rank) cache.receive(message.name, message.source, message.bytes, 0);
  Chain chain(decode_, rank, to);
  ServingWriter pass({settings_, shape_, decode_, decode_hosts_.limits_nodes, "inter-token ",
                      settings_.decode_batch, settings_.prompt},
                     settings_.mbu, rank, chain);
  for (uint32_t step = 0; step < settings_.decode_steps; ++step) {
    pass.begin_step();
    for (uint32_t layer = 0; layer < shape_.layers; ++layer) pass.layer(layer);
    pass.end_step(settings_.decode_batch);
  }
}

}  // namespace railyard::llm
