// SPDX-License-Identifier: BSD-3-Clause
// How a user names a port, and what DPDK is told of it.
//
//   0000:3b:00.1                   PCI device that vfio-pci or mlx5_core holds
//   af_packet:eth1                 Linux interface through a packet socket (veth, any NIC)
//   af_xdp:eth1                    Linux interface through an XDP socket; frames to 1982 B
//   memif:/run/a.sock,server       shared memory with another process, which opens it without ",server"
//   tap:name                       a new Linux interface; frames to 1518 B
//   ring:name  ring:name,a|b       within this process: its own peer, or one of a link's two ends
//   net_pcap0,iface=eth1           any other virtual device, as DPDK's --vdev takes it
//
// Behind the first four more of the driver's own arguments may follow: "af_packet:eth1,qdisc_bypass=0".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace railyard::lab {

enum class PortKind { Pci, AfPacket, AfXdp, Memif, Tap, Ring, OtherVdev };

struct PortName {
  PortKind kind = PortKind::Pci;
  std::string device;     // DPDK's name of it: "0000:3b:00.1", "net_af_packet_eth1"
  std::string arguments;  // of the virtual device
  std::string target;     // what stands behind the colon: interface, socket path, name of the ring
  bool server = false;    // memif
  char end = 0;           // ring: 'a', 'b', or 0 for one that is its own peer
};

// The error names what was found and what would be right.
tl::expected<PortName, std::string> parse_port_name(std::string_view name, uint16_t queues,
                                                    uint32_t max_frame_bytes);

// "0000:3b:00.1", or "3b:00.1" as lspci prints it.
bool is_pci_address(std::string_view name);

// The room for one frame of so many bytes (with FCS) that every driver is content with: a packet ring's slot
// holds the kernel's header beside the frame.
uint32_t frame_slot_bytes(uint32_t max_frame_bytes);

// A packet ring's block for such slots: whole pages, and hardly more than the power of two that the kernel
// takes for it.
uint32_t packet_block_bytes(uint32_t slot_bytes);

}  // namespace railyard::lab
