// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/nic_layout.h"

#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

constexpr uint8_t tos_of(uint32_t dscp, uint8_t ecn) {
  return static_cast<uint8_t>(dscp << 2 | ecn);
}

}  // namespace

NicRules nic_rules_of(const NicSettings& nic, const QosMaps& maps) {
  const auto answers = [&maps](uint32_t dscp) {
    return AnswerClass{tos_of(dscp, ecn::kNotEct), maps.queue_of_dscp(dscp)};
  };
  NicRules rules;
  rules.mtu = nic.mtu;
  rules.ack_every = nic.ack_every;
  rules.retry_cnt = nic.retry_cnt;
  rules.ack_timeout = ack_timeout_of(nic);
  rules.ack = answers(nic.ack_dscp);
  rules.cnp = answers(nic.cnp_dscp);
  return rules;
}

FlowClass flow_class_of(const NicSettings& nic, const QosMaps& maps, const CongestionSettings& congestion,
                        std::optional<uint32_t> dscp, std::optional<uint32_t> algorithm) {
  const uint32_t chosen = algorithm.value_or(nic.congestion_control);
  FlowClass of;
  of.data_tos = tos_of(dscp.value_or(nic.dscp), ecn::kEct0);
  of.data_queue = maps.queue_of_dscp(dscp.value_or(nic.dscp));
  of.algorithm = &congestion_algorithms()[chosen];
  of.settings = congestion.of(chosen);
  return of;
}

}  // namespace railyard
