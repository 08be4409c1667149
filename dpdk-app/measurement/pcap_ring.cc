// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/pcap_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "traffic/protocol/wire/pcap.h"

namespace railyard::lab {

PcapRing::PcapRing(Bytes capacity) : bytes_(std::max<size_t>(capacity.n, sizeof(Header))) {}

void PcapRing::record(SimTime at, const uint8_t* frame, size_t size) {
  ++recorded_;
  const size_t needed = sizeof(Header) + size;
  if (needed > bytes_.size()) return;
  while (end_ - begin_ + needed > bytes_.size()) forget_oldest();
  const Header header{at, size};
  put(&header, sizeof header);
  put(frame, size);
  ++kept_;
}

void PcapRing::put(const void* bytes, size_t size) {
  const size_t place = end_ % bytes_.size();
  const size_t before_wrap = std::min(size, bytes_.size() - place);
  const auto* from = static_cast<const uint8_t*>(bytes);
  std::copy_n(from, before_wrap, bytes_.data() + place);
  std::copy_n(from + before_wrap, size - before_wrap, bytes_.data());
  end_ += size;
}

void PcapRing::get(uint64_t position, void* bytes, size_t size) const {
  const size_t place = position % bytes_.size();
  const size_t before_wrap = std::min(size, bytes_.size() - place);
  auto* to = static_cast<uint8_t*>(bytes);
  std::copy_n(bytes_.data() + place, before_wrap, to);
  std::copy_n(bytes_.data(), size - before_wrap, to + before_wrap);
}

void PcapRing::forget_oldest() {
  Header header{};
  get(begin_, &header, sizeof header);
  begin_ += sizeof header + header.size;
  --kept_;
}

void PcapRing::write(std::ostream& out, std::chrono::nanoseconds epoch) const {
  PcapWriter writer(out, epoch);
  std::vector<uint8_t> frame;
  for (uint64_t position = begin_; position < end_;) {
    Header header{};
    get(position, &header, sizeof header);
    frame.resize(header.size);
    get(position + sizeof header, frame.data(), frame.size());
    writer.write(header.at, frame.data(), frame.size());
    position += sizeof header + header.size;
  }
}

tl::expected<void, std::string> PcapRing::write(const std::string& path,
                                                std::chrono::nanoseconds epoch) const {
  const std::string unfinished = path + ".part";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  write(out, epoch);
  out.close();
  if (out && std::rename(unfinished.c_str(), path.c_str()) == 0) return {};
  const int reason = errno;
  std::remove(unfinished.c_str());
  return tl::unexpected(fmt::format("the capture '{}' cannot be written: {}", path, std::strerror(reason)));
}

}  // namespace railyard::lab
