// SPDX-License-Identifier: BSD-3-Clause
// Plans as a controller would make them, for tests.
#pragma once

#include <fmt/format.h>

#include <string>

#include "dpdk-app/control/control.pb.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard::lab {

// `hosts` hosts of one NIC and one GPU at 1 Gb/s, port "ring:h<i>,a", all played by `player`.
inline control::Plan plan_of_hosts(uint32_t hosts, const std::string& player) {
  control::Plan plan;
  plan.set_scenario("test");
  plan.set_setting("default");
  plan.set_seed(1);
  plan.set_nics_per_host(1);
  plan.set_gpus_per_host(1);
  for (uint32_t i = 0; i < hosts; ++i) {
    control::Endpoint& e = *plan.add_endpoints();
    e.set_host(i);
    e.set_player(player);
    e.set_port(fmt::format("ring:h{},a", i));
    e.set_ip(0x0a000001 + i);
    e.set_prefix_length(24);
    e.set_rate_bps(1'000'000'000);
    e.set_mac(std::string("\2\0\0\0\0", 5) + static_cast<char>(i + 1));
  }
  plan.set_maximum_duration_ps(SimTime::seconds(20).ps);
  control::Value& mtu = *plan.add_nic();
  mtu.set_name("mtu");
  mtu.set_text("1024");
  return plan;
}

// Rank i on host i.
inline control::Job& add_job(control::Plan& plan, const std::string& name, const trace::Trace& trace) {
  control::Job& job = *plan.add_jobs();
  job.set_name(name);
  job.set_iterations(1);
  job.set_trace(*trace::encode_trace(trace));
  for (int rank = 0; rank < trace.ranks_size(); ++rank)
    job.add_placement()->set_host(static_cast<uint32_t>(rank));
  return job;
}

inline trace::Trace incast(uint32_t senders, uint64_t bytes) {
  IncastSettings settings;
  settings.senders = senders;
  settings.bytes = {bytes};
  return *make_incast(settings);
}

inline trace::Trace all_reduce(uint32_t ranks, uint64_t bytes) {
  SingleCollectiveSettings settings;
  settings.ranks = ranks;
  settings.bytes = {bytes};
  return *make_single_collective(settings);
}

}  // namespace railyard::lab
