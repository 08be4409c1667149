// SPDX-License-Identifier: BSD-3-Clause
// What DPDK has to say: its functions return a number, and the reason is in its log.
#pragma once

#include <string>

namespace railyard::lab {

// Sends DPDK's log to stderr, each line behind "dpdk: ". To be called before the EAL starts.
void route_eal_log();

// While one exists, what DPDK logs is kept for an error message instead. They do not nest.
class EalLogCapture {
 public:
  EalLogCapture();
  ~EalLogCapture();
  EalLogCapture(const EalLogCapture&) = delete;
  EalLogCapture& operator=(const EalLogCapture&) = delete;

  std::string text() const;  // lines joined by "; ", without the end of the last one

  // " (DPDK says: ...)", or empty. For the end of an error sentence.
  std::string remark() const;
};

}  // namespace railyard::lab
