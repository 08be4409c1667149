// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/port_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace railyard::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

PortName parsed(const char* text, uint16_t queues = 1, uint32_t max_frame = 4'178) {
  const auto name = parse_port_name(text, queues, max_frame);
  EXPECT_TRUE(name) << name.error();
  return name.value_or(PortName());
}

std::string error_of(const char* text) {
  const auto name = parse_port_name(text, 1, 4'178);
  return name ? "parsed" : name.error();
}

TEST(PortName, PciAddressesAreTakenWithAndWithoutDomain) {
  EXPECT_EQ(parsed("0000:3b:00.1").device, "0000:3b:00.1");
  EXPECT_EQ(parsed("3b:00.1").device, "0000:3b:00.1");
  EXPECT_EQ(parsed("3b:00.1").kind, PortKind::Pci);
  EXPECT_FALSE(is_pci_address("3b:00.9"));
}

TEST(PortName, PacketRingsHaveSlotsThatHoldTheFrame) {
  const PortName name = parsed("af_packet:eth1", 4);
  EXPECT_EQ(name.device, "net_af_packet_eth1");
  EXPECT_THAT(name.arguments,
              AllOf(HasSubstr("iface=eth1,"), HasSubstr("qpairs=4,"), HasSubstr("framesz=5120,"),
                    HasSubstr("blocksz=245760,"), HasSubstr("qdisc_bypass=1")));
  EXPECT_EQ(frame_slot_bytes(1'982), 2'048u);
  EXPECT_EQ(frame_slot_bytes(1'983), 3'072u);
  EXPECT_EQ(frame_slot_bytes(4'178), 5'120u);
  EXPECT_EQ(frame_slot_bytes(9'018), 9'216u);
}

TEST(PortName, FurtherArgumentsGoToTheDriver) {
  EXPECT_THAT(parsed("af_packet:eth1,framecnt=64").arguments, HasSubstr(",framecnt=64"));
  EXPECT_EQ(parsed("net_pcap0,iface=eth1,phy_mac=1").arguments, "iface=eth1,phy_mac=1");
  EXPECT_EQ(parsed("net_null0").device, "net_null0");
}

TEST(PortName, TheEndsOfMemifAndRingsAreTwoDevices) {
  const PortName server = parsed("memif:/run/a.sock,server");
  const PortName client = parsed("memif:/run/a.sock");
  EXPECT_TRUE(server.server);
  EXPECT_THAT(server.arguments, AllOf(HasSubstr("socket=/run/a.sock,"), HasSubstr("role=server")));
  EXPECT_THAT(client.arguments, HasSubstr("role=client"));
  EXPECT_NE(server.device, client.device);
  EXPECT_EQ(parsed("ring:x,a").end, 'a');
  EXPECT_EQ(parsed("ring:x").end, 0);
  EXPECT_NE(parsed("ring:x,a").device, parsed("ring:x,b").device);
}

TEST(PortName, LongPathsGiveShortDeviceNamesThatDiffer) {
  const std::string path = "memif:/" + std::string(90, 'x');
  const PortName one = parsed((path + "1").c_str());
  const PortName other = parsed((path + "2").c_str());
  EXPECT_LT(one.device.size(), 64u);
  EXPECT_NE(one.device, other.device);
}

TEST(PortName, ErrorsSayWhatWouldBeRight) {
  EXPECT_THAT(error_of("af_paket:eth1"), HasSubstr("did you mean 'af_packet'"));
  EXPECT_THAT(error_of("eth1"), AllOf(HasSubstr("port 'eth1'"), HasSubstr("af_packet:IFACE")));
  EXPECT_THAT(error_of("af_packet:"), HasSubstr("1 to 15 characters"));
  EXPECT_THAT(error_of("af_packet:averylonginterfacename"), HasSubstr("1 to 15 characters"));
  EXPECT_THAT(error_of("memif:a.sock"), HasSubstr("absolute path"));
  EXPECT_THAT(error_of("ring:x,c"), HasSubstr("'c' is not an option"));
  EXPECT_THAT(error_of("af_packet:eth1,server"), HasSubstr("'server' is not an option"));
}

}  // namespace
}  // namespace railyard::lab
