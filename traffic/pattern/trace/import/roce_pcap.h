// SPDX-License-Identifier: BSD-3-Clause
// RoCEv2 packets (UDP 4791) from a mirror port or a NIC: pcap, with microseconds or nanoseconds, or pcapng;
// Ethernet.
//
// Every IP address is a rank, in the order of the addresses. A message is what begins with a FIRST or ONLY
// packet, or a READ request, which the other side answers; the length of a WRITE or READ is in its RETH, that
// of a SEND the sum of its packets. What is sent again under a sequence number that was seen is one message.
// Packets say nothing about causes, so that the replay is open loop: each message is posted when the capture
// saw it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_roce_pcap(std::string_view content);
tl::expected<ImportResult, std::string> import_roce_pcap(const std::vector<std::string>& files,
                                                         const ImportOptions& options);

}  // namespace railyard::trace
