// SPDX-License-Identifier: BSD-3-Clause
// A port that DPDK drives, real or virtual.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/device/offload_counters.h"
#include "traffic/protocol/wire/ethernet.h"
#include "traffic/units/priority_set.h"
#include "traffic/units/quantity.h"

struct rte_mbuf;
struct rte_mempool;

namespace railyard::lab {

class PacketReceiver;
class RingLink;

struct PortCapabilities {
  uint16_t queues = 1;
  uint32_t max_frame_bytes = 0;  // that it really carries, destination MAC to FCS
  bool hardware_pfc = false;
  bool receive_timestamps = false;  // the hardware's, or a kernel's
  bool is_virtual = false;
};

struct LinkState {
  bool up = false;
  BitRate rate;  // as the device says; virtual ones invent it
};

struct PortStatistics {
  // Of a packet socket's driver rx_missed stays 0, whatever its full ring loses: see device_losses.h.
  uint64_t rx_packets = 0, rx_bytes = 0, rx_missed = 0, rx_errors = 0, rx_no_buffer = 0;
  uint64_t tx_packets = 0, tx_bytes = 0, tx_errors = 0;
};

class EthernetPort {
 public:
  // `name` is a port name (port_name.h): "0000:3b:00.1", "af_packet:eth1", "memif:/run/a.sock,server", ... .
  // The EAL must run. `pool` is for frames of max_frame_bytes (with FCS) or more: received ones come from it.
  // The port takes everything off the link (promiscuous), and spreads RoCEv2 flows over its queues by UDP
  // source port where it has several. The error names the port and the remedy.
  static tl::expected<EthernetPort, std::string> open(const std::string& name, uint16_t queues,
                                                      uint32_t max_frame_bytes, rte_mempool* pool);
  EthernetPort(EthernetPort&&) noexcept;
  EthernetPort& operator=(EthernetPort&&) noexcept;
  ~EthernetPort();  // stops and closes it

  const std::string& name() const { return name_; }
  const std::string& driver() const { return driver_; }
  uint16_t id() const { return id_; }  // DPDK's
  MacAddress mac() const { return mac_; }
  const PortCapabilities& capabilities() const { return capabilities_; }
  LinkState link() const;  // polls; also lets virtual devices reconnect
  PortStatistics statistics() const;
  // Whatever else the driver counts, by its name: "rx_prio3_pause_packets", "tx_pp_missed_interrupt_errors".
  std::vector<std::pair<std::string, uint64_t>> named_statistics() const;

  // Lets the NIC itself obey and send PFC for these priorities, and no others; then no PFC frame is seen by
  // receive(). Only where capabilities().hardware_pfc.
  tl::expected<void, std::string> set_hardware_pfc(PrioritySet priorities);

  // From here on receive() gives queue 0 what would be on a wire, also where a kernel has left checksums and
  // the cutting of large frames to a packet socket's interface (packet_receiver.h). `max_frame_bytes` and
  // `pool` as for open().
  tl::expected<void, std::string> finish_offloads(uint32_t max_frame_bytes, rte_mempool* pool);
  OffloadCounters offload() const;

  // Never wait. What transmit() did not take (it returns how many it did) is still the caller's.
  uint16_t receive(uint16_t queue, rte_mbuf** frames, uint16_t room);
  uint16_t transmit(uint16_t queue, rte_mbuf** frames, uint16_t count);

 private:
  EthernetPort() = default;
  void close();

  std::string name_, driver_;
  uint16_t id_ = 0;
  bool open_ = false;
  MacAddress mac_{};
  PortCapabilities capabilities_;
  std::shared_ptr<RingLink> link_;            // of a ring port
  std::unique_ptr<PacketReceiver> receiver_;  // of a packet socket, where it finishes offloads
};

}  // namespace railyard::lab
