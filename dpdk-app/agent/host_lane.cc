// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/host_lane.h"

#include <algorithm>

namespace railyard::lab {

void HostLane::connect() {
  for (const auto& nic : nics_) nic->add_flows(plan_, flows_, *this);
}

void HostLane::start(SimTime at) {
  started_ = true;
  origin_ = at;
  for (const auto& nic : nics_) nic->start(at);
}

void HostLane::stop() {
  stopped_ = true;
  for (const auto& nic : nics_) nic->stop();
}

bool HostLane::poll(SimTime now) {
  bool busy = false;
  if (ranks_act() && ranks_.next_due() <= now - origin_) {
    ranks_.wake(of_run(now));
    busy = true;
  }
  for (const auto& nic : nics_) busy |= nic->poll();
  return busy;
}

SimTime HostLane::next_due() const {
  SimTime due = SimTime::never();
  if (ranks_act() && ranks_.next_due() != SimTime::never()) due = origin_ + ranks_.next_due();
  for (const auto& nic : nics_) due = std::min(due, nic->next_due());
  return due;
}

void HostLane::post(uint32_t flow, Bytes bytes, SimTime now) {
  const uint32_t nic = flows_[flow].source % plan_.played.hosts.nics_per_host;
  nics_[nic]->post(flow, bytes.n, now + origin_);
}

}  // namespace railyard::lab
