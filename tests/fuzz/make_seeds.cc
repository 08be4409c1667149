// SPDX-License-Identifier: BSD-3-Clause
// Writes valid inputs for each fuzzer into FOLDER/<fuzzer>.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dpdk-app/control/control.pb.h"
#include "tests/fuzz/frame_script.h"
#include "tests/unit/agent/plan_builder.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace {

using namespace railyard;
using namespace railyard::lab;
using fuzz::FrameScript;
using fuzz::StepKind;
using Frame = std::vector<uint8_t>;

constexpr uint8_t kMicrosecond = 20;  // 2^20 ps
constexpr uint32_t kPayload = 256;
constexpr uint32_t kFirstPair = 0x1000;

std::string folder;

void write(const std::string& fuzzer, const std::string& name, const Frame& bytes) {
  const std::filesystem::path to = std::filesystem::path(folder) / fuzzer;
  std::filesystem::create_directories(to);
  std::ofstream file(to / name, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) {
    std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", (to / name).c_str());
    std::exit(EXIT_FAILURE);
  }
}

// From host 2 to host 1, as the harnesses have them; answers go to queue pairs of host 1's own.
Frame packet(PacketKind kind, uint32_t psn, uint8_t flags, uint32_t flow, std::optional<VlanTag> vlan = {}) {
  const bool data = kind == PacketKind::Data;
  FlowAddress a;
  a.source_mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(data ? 2 : 1)};
  a.destination_mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(data ? 1 : 2)};
  a.source_ip = data ? 0x0a000002 : 0x0a000001;
  a.destination_ip = data ? 0x0a000001 : 0x0a000002;
  a.source_qp = kFirstPair + 2 * flow;
  a.destination_qp = kFirstPair + 2 * flow + 1;
  a.vlan = vlan;
  Packet p{};
  p.kind = kind;
  p.psn = psn;
  p.flags = flags;
  p.tos = 26 << 2 | (data ? ecn::kCe : ecn::kNotEct);
  FrameBody body;
  body.payload_size = data ? kPayload : 0;
  body.reth.dma_length = kPayload;
  p.frame_bytes =
      static_cast<uint16_t>(data ? wire::data_frame_bytes(kPayload, (flags & packet_flag::kFirst) != 0)
                            : kind == PacketKind::Cnp ? wire::kCnpFrame
                                                      : wire::kAckFrame);
  Frame frame(2 * kPayload);
  frame.resize(encode(p, a, body, frame.data(), frame.size()));
  return frame;
}

Frame pause(uint8_t enable, uint16_t quanta) {
  PauseFrame p;
  p.enable_vector = enable;
  p.quanta.fill(quanta);
  Frame frame(ethernet::kMinimumNoFcs);
  encode(p, frame.data(), frame.size());
  return frame;
}

Frame arp(uint8_t operation, uint8_t from, uint8_t to) {
  Frame f = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,         0, 0,  0,  from, 8, 6,
             0,    1,    8,    0,    6,    4,    0, operation, 2, 0,  0,  0,    0, from,
             10,   0,    0,    from, 2,    0,    0, 0,         0, to, 10, 0,    0, to};
  f.resize(ethernet::kMinimumNoFcs);
  return f;
}

Frame echo_request(bool tagged) {
  Frame f = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
  if (tagged) f.insert(f.end(), {0x81, 0, 0xa0, 0});
  f.insert(f.end(), {8, 0, 0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 8, 0, 0, 0});
  f.resize(ethernet::kMinimumNoFcs + ethernet::kVlanTag, 0x5a);
  return f;
}

std::vector<Frame> frames() {
  using namespace packet_flag;
  return {packet(PacketKind::Data, 0, kFirst | kLast | kAckRequest, 1),
          packet(PacketKind::Data, 0, kFirst, 3),
          packet(PacketKind::Data, 1, 0, 3),
          packet(PacketKind::Data, 2, kLast | kAckRequest, 3),
          packet(PacketKind::Data, 9, kLast, 1, VlanTag{7, 3}),
          packet(PacketKind::Ack, 0, 0, 0),
          packet(PacketKind::Nak, 1, 0, 0),
          packet(PacketKind::Cnp, 0, 0, 2),
          pause(0xff, 0xffff),
          pause(0x08, 0),
          arp(1, 2, 1),
          arp(2, 2, 1),
          echo_request(false),
          echo_request(true)};
}

void write_frames() {
  const Frame post = {8};
  Frame all = {0};
  for (uint8_t flow = 0; flow < 2; ++flow) FrameScript::append(all, StepKind::Act, flow, kMicrosecond, post);
  int number = 0;
  for (const Frame& frame : frames()) {
    write("roce_frame", std::to_string(number), frame);
    Frame one = {static_cast<uint8_t>(number)};
    FrameScript::append(one, StepKind::Act, 0, kMicrosecond, post);
    FrameScript::append(one, StepKind::Frame, static_cast<uint8_t>(number), kMicrosecond, frame);
    FrameScript::append(one, StepKind::Act, 1, kMicrosecond, {});
    for (const char* fuzzer : {"nic_port", "address_resolution", "emulated_switch"})
      write(fuzzer, std::to_string(number), one);
    FrameScript::append(all, StepKind::MendedFrame, static_cast<uint8_t>(number), kMicrosecond, frame);
    ++number;
  }
  FrameScript::append(all, StepKind::Act, 0, kMicrosecond, {});
  for (const char* fuzzer : {"nic_port", "address_resolution", "emulated_switch"}) write(fuzzer, "all", all);
}

void append(Frame& stream, const control::Message& message) {
  const std::string bytes = message.SerializeAsString();
  const size_t at = stream.size();
  stream.resize(at + 4);
  store_be32(stream.data() + at, static_cast<uint32_t>(bytes.size()));
  stream.insert(stream.end(), bytes.begin(), bytes.end());
}

Frame session(const control::Plan& plan) {
  Frame stream;
  control::Message prepare, start, stop, collect;
  *prepare.mutable_prepare()->mutable_plan() = plan;
  start.mutable_start()->set_at_ns(1);
  stop.mutable_stop()->set_reason("enough");
  collect.mutable_collect();
  for (const control::Message& message : {prepare, start, stop, collect}) append(stream, message);
  return stream;
}

void set(control::Value* value, const char* name, const char* text) {
  value->set_name(name);
  value->set_text(text);
}

void write_plans() {
  control::Plan plan = plan_of_hosts(4, "agent");
  add_job(plan, "incast", incast(3, 10'000));
  control::Algorithm& algorithm = *plan.add_congestion();
  algorithm.set_name("dcqcn");
  set(algorithm.add_values(), "rpg_min_rate", "1Mbps");
  set(plan.add_switches(), "pool_size", "100KiB");
  control::Fault& fault = *plan.add_faults();
  fault.set_path("0.in.drop");
  fault.set_text("1");
  plan.set_sample_interval_ps(SimTime::milliseconds(1).ps);
  plan.set_sampled_queue_pairs(8);
  plan.set_switch_name("leaf0");
  control::Switch& leaf = *plan.add_fabric();
  leaf.set_name("leaf0");
  for (uint32_t i = 0; i < 4; ++i) {
    control::SwitchPort& port = *leaf.add_ports();
    port.set_name("ring:s" + std::to_string(i));
    port.set_rate_bps(100'000'000);
    port.set_on_tree(i != 3);
    leaf.add_group_of_endpoint(i % 2);
  }
  for (const uint32_t first : {0u, 2u}) {
    control::PortGroup& group = *leaf.add_groups();
    group.add_ports(first);
    group.add_ports(first + 1);
  }
  write("plan", "incast", session(plan));

  control::Plan ring = plan_of_hosts(4, "agent");
  ring.set_nics_per_host(2);
  ring.set_gpus_per_host(2);
  ring.set_scale_up_bps(100'000'000'000);
  ring.set_scale_up_latency_ps(SimTime::microseconds(1).ps);
  for (int e = 0; e < 4; ++e) {
    ring.mutable_endpoints(e)->set_host(static_cast<uint32_t>(e / 2));
    ring.mutable_endpoints(e)->set_nic(static_cast<uint32_t>(e % 2));
  }
  control::Job& job = add_job(ring, "all-reduce", all_reduce(4, 10'000));
  for (int rank = 0; rank < 4; ++rank) {
    job.mutable_placement(rank)->set_host(static_cast<uint32_t>(rank / 2));
    job.mutable_placement(rank)->set_gpu(static_cast<uint32_t>(rank % 2));
  }
  write("plan", "all-reduce", session(ring));
  ring.set_capture(true);
  write("plan", "captured", session(ring));

  // Of 400 kB: pairs of ranks, the square of what it lists.
  constexpr uint32_t kAllToAll = 4, kRanks = 8'000;
  control::Plan large = plan_of_hosts(4, "agent");
  const auto trace = make_single_collective({kAllToAll, kRanks, Bytes{kRanks}});
  large.add_jobs()->set_trace(*trace::encode_trace(*trace));
  write("plan", "all-to-all", session(large));

  Frame hello = {16};
  control::Message message;
  message.mutable_hello()->set_protocol(1);
  message.mutable_hello()->set_nonce(std::string(32, 'n'));
  append(hello, message);
  message.mutable_clock_probe()->set_sequence(7);
  append(hello, message);
  write("control_port", "hello", hello);
  const Frame whole = session(plan_of_hosts(2, "agent"));
  hello.insert(hello.end(), whole.begin(), whole.end());
  write("control_port", "session", hello);
}

void write_traces() {
  for (const auto& [name, trace] :
       {std::pair{"incast", incast(3, 10'000)}, {"all-reduce", all_reduce(4, 10'000)}}) {
    const std::string bytes = trace::encode_trace(trace).value();
    write("trace", name, {bytes.begin(), bytes.end()});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  folder = argv[1];
  write_frames();
  write_plans();
  write_traces();
  return 0;
}
