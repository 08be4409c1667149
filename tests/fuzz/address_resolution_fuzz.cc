// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: ARP and echo requests of any content. Answers are whole frames that come from us, and no more of
// them wait than the queue takes.
#include <cstdint>

#include "dpdk-app/agent/address_resolution.h"
#include "tests/fuzz/frame_script.h"
#include "traffic/protocol/wire/ethernet.h"

namespace {

using namespace railyard;
using namespace railyard::lab;
using fuzz::require;

constexpr MacAddress kMac = {2, 0, 0, 0, 0, 1};
constexpr uint32_t kIp = 0x0a000001, kPeer = 0x0a000002, kGateway = 0x0a0000fe;
constexpr size_t kLongestAnswer = ethernet::kHeader + ethernet::kVlanTag + 0xffff;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  AddressResolution addresses(kMac, kIp, data[0] % 2 == 0 ? 0 : 7);
  addresses.resolve(kPeer, {});
  addresses.resolve(kGateway, {});
  SimTime now;
  fuzz::FrameScript script(data + 1, size - 1);
  for (fuzz::Step step; script.next(step);) {
    now += step.wait;
    if (step.kind != fuzz::StepKind::Act) {
      (void)addresses.on_frame(step.bytes.data(), step.bytes.size());
      continue;
    }
    addresses.poll(now, [](const uint8_t* frame, size_t length) {
      require(length >= ethernet::kMinimumNoFcs && length <= kLongestAnswer);
      require(std::equal(kMac.begin(), kMac.end(), frame + kMac.size()));
    });
  }
  for (const uint32_t ip : {kPeer, kGateway})
    if (const auto mac = addresses.lookup(ip)) require(((*mac)[0] & 1) == 0);
  require(addresses.unresolved() == addresses.unresolved_addresses().size());
  return 0;
}
