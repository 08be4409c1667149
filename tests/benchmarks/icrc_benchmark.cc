// SPDX-License-Identifier: GPL-2.0-only
// ICRCs by payload: the whole packet's, one derived from a constant payload's, and zlib's CRC over as many
// bytes.
#include <benchmark/benchmark.h>
#include <zlib.h>

#include <vector>

#include "traffic/protocol/wire/icrc.h"

namespace railyard {
namespace {

constexpr size_t kHeaders = 40;  // IPv4, UDP, BTH

std::vector<uint8_t> packet(const benchmark::State& state) {
  return std::vector<uint8_t>(kHeaders + static_cast<size_t>(state.range(0)), 0x5a);
}

void icrc_whole(benchmark::State& state) {
  const auto bytes = packet(state);
  for (auto _ : state) benchmark::DoNotOptimize(icrc(bytes.data(), bytes.size()));
}

void icrc_constant_payload(benchmark::State& state) {
  const auto bytes = packet(state);
  const ConstantPayloadIcrc constant(bytes.data() + kHeaders, bytes.size() - kHeaders);
  for (auto _ : state) benchmark::DoNotOptimize(constant.icrc(bytes.data(), kHeaders));
}

void crc_by_zlib(benchmark::State& state) {
  const auto bytes = packet(state);
  for (auto _ : state) benchmark::DoNotOptimize(crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace

BENCHMARK(icrc_whole)->Arg(64)->Arg(1'024)->Arg(4'096);
BENCHMARK(icrc_constant_payload)->Arg(64)->Arg(1'024)->Arg(4'096);
BENCHMARK(crc_by_zlib)->Arg(64)->Arg(1'024)->Arg(4'096);

}  // namespace railyard
