// SPDX-License-Identifier: GPL-2.0-only
// What a packet costs at each step of its way, each step alone: a time to put beside a profile's.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "ns3-modules/engine/model/link.h"
#include "ns3-modules/engine/model/node-agenda.h"
#include "ns3-modules/engine/model/packet-queue.h"
#include "traffic/protocol/congestion/dcqcn.h"
#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr uint32_t kMtu = 1000;
constexpr SimTime kSerialisation{88'160};  // of a full frame of kMtu at 100 Gb/s

Packet data_packet() {
  Packet packet{};
  packet.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(kMtu, false));
  packet.kind = PacketKind::Data;
  return packet;
}

// The port whose transmission ends first begins another one.
void transmit_agenda(benchmark::State& state) {
  const auto ports = static_cast<uint32_t>(state.range(0));
  ns3::TransmitAgenda agenda(ports);
  for (uint32_t port = 0; port < ports; ++port) agenda.Set(port, kSerialisation * port / ports);
  for (auto _ : state) agenda.Set(agenda.FirstRank(), agenda.FirstTime() + kSerialisation);
}
BENCHMARK(transmit_agenda)->Arg(1)->Arg(8)->Arg(16)->Arg(64);

// The timer that fires is set again, for one of the others' times at random.
void timer_agenda(benchmark::State& state) {
  const auto pending = static_cast<uint32_t>(state.range(0));
  ns3::TimerAgenda agenda;
  RandomStream random(1, 0);
  constexpr uint32_t kRangePs = 55'000'000;
  for (uint32_t id = 0; id < pending; ++id) agenda.Set({random.below(kRangePs)}, id);
  for (auto _ : state) {
    const SimTime now = agenda.FirstTime();
    agenda.Set(now + SimTime{random.below(kRangePs)}, agenda.PopFirst());
  }
}
BENCHMARK(timer_agenda)->Arg(1)->Arg(64)->Arg(4096);

// One in, one out, of a queue that holds so many.
void packet_queue(benchmark::State& state) {
  ns3::PacketChunkPool pool;
  ns3::PacketQueue queue;
  const Packet packet = data_packet();
  const PacketTail tail = PacketTail::of(packet);
  const auto push = [&] { tail.copy(packet, queue.Append(tail.frame_bytes(), pool)); };
  for (int64_t i = 0; i < state.range(0); ++i) push();
  for (auto _ : state) {
    push();
    benchmark::DoNotOptimize(queue.Front().psn);
    queue.Pop(pool);
  }
}
BENCHMARK(packet_queue)->Arg(0)->Arg(100)->Arg(10'000);

// A window's packets over a link and its publication.
void link_window(benchmark::State& state) {
  const auto packets = static_cast<uint32_t>(state.range(0));
  ns3::LinkSender sender;
  ns3::LinkReceiver receiver;
  const Packet packet = data_packet();
  const PacketTail tail = PacketTail::of(packet);
  for (auto _ : state) {
    for (uint32_t i = 0; i < packets; ++i) {
      tail.copy(packet, sender.Next(receiver));
      sender.Append();
    }
    sender.PublishTail(receiver);
    receiver.ConsumeBefore(packet.time + SimTime{1}, [&receiver](SimTime, uint32_t index) {
      benchmark::DoNotOptimize(receiver.At(index).psn);
    });
    receiver.PublishHead();
  }
  state.SetItemsProcessed(state.iterations() * packets);
}
BENCHMARK(link_window)->Arg(0)->Arg(1)->Arg(16);

void admit_and_release(benchmark::State& state) {
  BufferPool pool;
  pool.size = 33'262'528;
  BufferProfile profile;
  profile.lossless = true;
  profile.guaranteed = 1'248;
  std::array<PriorityGroup, 16> groups;
  uint32_t next = 0;
  for (auto _ : state) {
    PriorityGroup& group = groups[next++ % groups.size()];
    benchmark::DoNotOptimize(admit(pool, group, profile, 1082).admitted);
    benchmark::DoNotOptimize(release(pool, group, profile, 1082));
  }
}
BENCHMARK(admit_and_release);

// Argument: queue depth in kB; nothing, some or all is marked.
void ecn_marker(benchmark::State& state) {
  const EcnMarker marker = EcnMarker::from_profile(100'000, 400'000, 20);
  RandomStream random(1, 0);
  uint64_t depth = 1000 * static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(depth);
    benchmark::DoNotOptimize(marker.marks(depth, random));
  }
}
BENCHMARK(ecn_marker)->Arg(0)->Arg(250)->Arg(500);

void dcqcn_on_cnp(benchmark::State& state) {
  const DcqcnSettings settings;
  Dcqcn::State sender;
  Allowance allowance = Dcqcn::start(sender, settings, {BitRate::gigabits(100), 1024}, SimTime{0});
  SimTime now;
  for (auto _ : state) {
    now += settings.min_time_between_cnps;
    if (allowance.deadline <= now) Dcqcn::advance(sender, settings, now, allowance);
    Dcqcn::signalled(sender, settings, CongestionSignal::Cnp, now, allowance);
  }
  benchmark::DoNotOptimize(allowance.rate_bps);
}
BENCHMARK(dcqcn_on_cnp);

// A queue pair below line rate, one packet after another.
void dcqcn_on_sent(benchmark::State& state) {
  const DcqcnSettings settings;
  Dcqcn::State sender;
  Allowance allowance = Dcqcn::start(sender, settings, {BitRate::gigabits(100), 1024}, SimTime{0});
  SimTime now;
  for (auto _ : state) {
    if (!sender.limited) Dcqcn::signalled(sender, settings, CongestionSignal::Cnp, now, allowance);
    now += kSerialisation;
    if (allowance.deadline <= now) Dcqcn::advance(sender, settings, now, allowance);
    Dcqcn::sent(sender, settings, 1082, now, allowance);
  }
  benchmark::DoNotOptimize(allowance.rate_bps);
}
BENCHMARK(dcqcn_on_sent);

// Argument: packets in flight.
void send_queue(benchmark::State& state) {
  const auto in_flight = static_cast<uint32_t>(state.range(0));
  SendQueue queue;
  Packet packet{};
  SimTime now;
  for (auto _ : state) {
    if (!queue.has_packet()) queue.post(10'000'000, kMtu);
    queue.take_packet(packet, kMtu, 0, now += kSerialisation);
    benchmark::DoNotOptimize(packet);
    if (packet.psn >= in_flight) benchmark::DoNotOptimize(queue.on_ack(packet.psn - in_flight, now));
  }
}
BENCHMARK(send_queue)->Arg(1)->Arg(256);

void receive_queue(benchmark::State& state) {
  ReceiveQueue queue;
  Packet packet = data_packet();
  for (auto _ : state) {
    benchmark::DoNotOptimize(queue.on_data(packet, 1).ack);
    ++packet.psn;
  }
}
BENCHMARK(receive_queue);

}  // namespace
}  // namespace railyard
