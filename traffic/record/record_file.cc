// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "traffic/record/record.pb.h"

namespace railyard::record {
namespace {

namespace io = google::protobuf::io;
using google::protobuf::util::ParseDelimitedFromZeroCopyStream;
using google::protobuf::util::SerializeDelimitedToZeroCopyStream;

constexpr char kMagic[] = "RYRECORD";
constexpr size_t kMagicSize = sizeof kMagic - 1;
constexpr uint32_t kVersion = 1;
// zlib's fastest: the entries are mostly varints of little redundancy, and a record may hold millions.
constexpr int kCompression = 1;

using Error = tl::unexpected<std::string>;

uint64_t entry_count(const Record& r) {
  return r.jobs.size() + r.operations.size() + r.iterations.size() + r.spans.size() + r.messages.size() +
         r.ports.size() + r.queues.size() + r.rates.size() + r.pauses.size();
}

// --- to disk
// ---------------------------------------------------------------------------------------------------

void put(disk::Entry& entry, const Record& r) {
  disk::Header& h = *entry.mutable_header();
  h.set_version(kVersion);
  h.set_scenario(r.scenario);
  h.set_setting(r.setting);
  h.set_seed(r.seed);
  h.set_duration_ps(r.duration.ps);
  h.set_entries(entry_count(r));
  disk::Totals& t = *h.mutable_totals();
  t.set_packet_hops(r.totals.packet_hops);
  t.set_data_hops(r.totals.data_hops);
  t.set_retransmitted(r.totals.retransmitted);
  t.set_nacks(r.totals.nacks);
  t.set_cnps(r.totals.cnps);
  t.set_timeouts(r.totals.timeouts);
}

void put(disk::Entry& entry, const Job& job) {
  disk::Job& d = *entry.mutable_job();
  d.set_name(job.name);
  d.set_background(job.background);
  d.set_rank_count(job.rank_count);
  d.set_reducers(job.reducers);
  d.set_iterations(job.iterations);
}

void put(disk::Entry& entry, const Operation& operation) {
  disk::Operation& d = *entry.mutable_operation();
  d.set_job(operation.job);
  d.set_name(operation.name);
  d.set_kind(operation.kind);
  d.set_bytes(operation.bytes);
  d.set_group_size(operation.group_size);
}

void put(disk::Entry& entry, const Iteration& iteration) {
  disk::Iteration& d = *entry.mutable_iteration();
  d.set_job(iteration.job);
  d.set_iteration(iteration.iteration);
  d.set_rank(iteration.rank);
  d.set_start_ps(iteration.start.ps);
  d.set_end_ps(iteration.end.ps);
}

void put(disk::Entry& entry, const Span& span) {
  disk::Span& d = *entry.mutable_span();
  d.set_operation(span.operation);
  d.set_iteration(span.iteration);
  d.set_rank(span.rank);
  d.set_start_ps(span.start.ps);
  d.set_end_ps(span.end.ps);
}

void put(disk::Entry& entry, const Message& message) {
  disk::Message& d = *entry.mutable_message();
  d.set_operation(message.operation);
  d.set_iteration(message.iteration);
  d.set_src_rank(message.src_rank);
  d.set_dst_rank(message.dst_rank);
  d.set_bytes(message.bytes);
  d.set_posted_ps(message.posted.ps);
  d.set_received_ps(message.received.ps);
  d.set_acked_ps(message.acked.ps);
  d.set_ideal_ps(message.ideal.ps);
  d.set_others(message.others);
}

void put(disk::Entry& entry, const Port& port) {
  disk::Port& d = *entry.mutable_port();
  d.set_node(port.node);
  d.set_name(port.name);
  d.set_is_switch(port.is_switch);
  d.set_rate_bps(port.rate.bps);
  d.set_tx_packets(port.tx_packets);
  d.set_tx_bytes(port.tx_bytes);
  d.set_tx_data_packets(port.tx_data_packets);
  d.set_ecn_marked(port.ecn_marked);
  d.mutable_drops()->Add(port.drops.begin(), port.drops.end());
  d.set_pfc_pauses_sent(port.pfc_pauses_sent);
  d.set_pfc_pauses_received(port.pfc_pauses_received);
  d.set_paused_ps(port.paused.ps);
  d.set_max_queue_bytes(port.max_queue_bytes);
}

void put(disk::Entry& entry, const QueueSamples& queue) {
  disk::QueueSamples& d = *entry.mutable_queue();
  d.set_port(queue.port);
  d.set_interval_ps(queue.interval.ps);
  d.mutable_bytes()->Add(queue.bytes.begin(), queue.bytes.end());
}

void put(disk::Entry& entry, const RateSamples& rates) {
  disk::RateSamples& d = *entry.mutable_rates();
  d.set_queue_pair(rates.queue_pair);
  d.set_job(rates.job);
  d.set_src_rank(rates.src_rank);
  d.set_dst_rank(rates.dst_rank);
  d.set_port(rates.port);
  d.set_interval_ps(rates.interval.ps);
  d.mutable_rate_bps()->Add(rates.rate_bps.begin(), rates.rate_bps.end());
  d.mutable_window_bytes()->Add(rates.window_bytes.begin(), rates.window_bytes.end());
}

void put(disk::Entry& entry, const Pause& pause) {
  disk::Pause& d = *entry.mutable_pause();
  d.set_port(pause.port);
  d.set_priority(pause.priority);
  d.set_start_ps(pause.start.ps);
  d.set_end_ps(pause.end.ps);
}

template <class Body>
bool write_one(const Body& body, io::ZeroCopyOutputStream& out) {
  disk::Entry entry;
  put(entry, body);
  return SerializeDelimitedToZeroCopyStream(entry, &out);
}

template <class List>
bool write_all(const List& list, io::ZeroCopyOutputStream& out) {
  for (const auto& item : list)
    if (!write_one(item, out)) return false;
  return true;
}

bool write_body(const Record& r, io::ZeroCopyOutputStream& out) {
  {
    io::CodedOutputStream coded(&out);
    coded.WriteRaw(kMagic, kMagicSize);
    if (coded.HadError()) return false;
  }
  disk::Entry end;
  end.mutable_end()->set_entries(entry_count(r));
  return write_one(r, out) && write_all(r.jobs, out) && write_all(r.operations, out) &&
         write_all(r.iterations, out) && write_all(r.spans, out) && write_all(r.messages, out) &&
         write_all(r.ports, out) && write_all(r.queues, out) && write_all(r.rates, out) &&
         write_all(r.pauses, out) && SerializeDelimitedToZeroCopyStream(end, &out);
}

bool write_gzip(const Record& r, io::ZeroCopyOutputStream& out) {
  io::GzipOutputStream::Options options;
  options.format = io::GzipOutputStream::GZIP;
  options.compression_level = kCompression;
  io::GzipOutputStream gzip(&out, options);
  return write_body(r, gzip) && gzip.Close();
}

// --- from disk
// -------------------------------------------------------------------------------------------------

void take(const disk::Header& d, Record& r) {
  r.scenario = d.scenario();
  r.setting = d.setting();
  r.seed = d.seed();
  r.duration = {d.duration_ps()};
  const disk::Totals& t = d.totals();
  r.totals = {t.packet_hops(), t.data_hops(), t.retransmitted(), t.nacks(), t.cnps(), t.timeouts()};
}

Message message_of(const disk::Message& d) {
  return {d.operation(),   d.iteration(),     d.src_rank(),   d.dst_rank(),   d.bytes(),
          {d.posted_ps()}, {d.received_ps()}, {d.acked_ps()}, {d.ideal_ps()}, d.others()};
}

Port port_of(const disk::Port& d) {
  Port p;
  p.node = d.node();
  p.name = d.name();
  p.is_switch = d.is_switch();
  p.rate = {d.rate_bps()};
  p.tx_packets = d.tx_packets();
  p.tx_bytes = d.tx_bytes();
  p.tx_data_packets = d.tx_data_packets();
  p.ecn_marked = d.ecn_marked();
  for (size_t i = 0; i < p.drops.size() && i < static_cast<size_t>(d.drops_size()); ++i)
    p.drops[i] = d.drops(static_cast<int>(i));
  p.pfc_pauses_sent = d.pfc_pauses_sent();
  p.pfc_pauses_received = d.pfc_pauses_received();
  p.paused = {d.paused_ps()};
  p.max_queue_bytes = d.max_queue_bytes();
  return p;
}

void take(const disk::Entry& entry, Record& r) {
  switch (entry.kind_case()) {
    case disk::Entry::kJob: {
      const disk::Job& d = entry.job();
      r.jobs.push_back({d.name(), d.background(), d.rank_count(), d.iterations(), d.reducers()});
      break;
    }
    case disk::Entry::kOperation: {
      const disk::Operation& d = entry.operation();
      r.operations.push_back({d.job(), d.name(), d.kind(), d.bytes(), d.group_size()});
      break;
    }
    case disk::Entry::kIteration: {
      const disk::Iteration& d = entry.iteration();
      r.iterations.push_back({d.job(), d.iteration(), d.rank(), {d.start_ps()}, {d.end_ps()}});
      break;
    }
    case disk::Entry::kSpan: {
      const disk::Span& d = entry.span();
      r.spans.push_back({d.operation(), d.iteration(), d.rank(), {d.start_ps()}, {d.end_ps()}});
      break;
    }
    case disk::Entry::kMessage:
      r.messages.push_back(message_of(entry.message()));
      break;
    case disk::Entry::kPort:
      r.ports.push_back(port_of(entry.port()));
      break;
    case disk::Entry::kQueue: {
      const disk::QueueSamples& d = entry.queue();
      r.queues.push_back({d.port(), {d.interval_ps()}, {d.bytes().begin(), d.bytes().end()}});
      break;
    }
    case disk::Entry::kRates: {
      const disk::RateSamples& d = entry.rates();
      r.rates.push_back({d.queue_pair(),
                         d.job(),
                         d.src_rank(),
                         d.dst_rank(),
                         d.port(),
                         {d.interval_ps()},
                         {d.rate_bps().begin(), d.rate_bps().end()},
                         {d.window_bytes().begin(), d.window_bytes().end()}});
      break;
    }
    case disk::Entry::kPause: {
      const disk::Pause& d = entry.pause();
      r.pauses.push_back({d.port(), static_cast<uint8_t>(d.priority()), {d.start_ps()}, {d.end_ps()}});
      break;
    }
    default:  // an entry of a later minor version: what it tells is not needed
      break;
  }
}

bool read_magic(io::ZeroCopyInputStream& in) {
  io::CodedInputStream coded(&in);
  char found[kMagicSize];
  return coded.ReadRaw(found, kMagicSize) && std::memcmp(found, kMagic, kMagicSize) == 0;
}

// Entries up to and including the end marker; `header` has been read.
tl::expected<Record, std::string> read_entries(const disk::Header& header, io::ZeroCopyInputStream& in) {
  Record record;
  take(header, record);
  disk::Entry entry;
  for (uint64_t count = 0;; ++count) {
    entry.Clear();
    if (!ParseDelimitedFromZeroCopyStream(&entry, &in, nullptr))
      return Error(fmt::format("it is truncated or damaged after {} of {} entries", count, header.entries()));
    if (entry.has_end()) {
      if (count == header.entries() && entry.end().entries() == count) return record;
      return Error(fmt::format("it holds {} entries where its header says {}", count, header.entries()));
    }
    take(entry, record);
  }
}

tl::expected<Record, std::string> read_stream(io::ZeroCopyInputStream& in) {
  if (!read_magic(in)) return Error("it is not a Railyard record");
  disk::Entry entry;
  if (!ParseDelimitedFromZeroCopyStream(&entry, &in, nullptr) || !entry.has_header())
    return Error("it is truncated or damaged in its header");
  if (entry.header().version() != kVersion)
    return Error(fmt::format("its format is version {}, this program reads version {}",
                             entry.header().version(), kVersion));
  auto record = read_entries(entry.header(), in);
  if (!record) return record;
  if (const auto valid = validate(*record); !valid) return Error(valid.error());
  return record;
}

// zlib's own reader under Protobuf's streams: Protobuf's GzipInputStream takes a truncated file for a whole
// one.
class GzipFile : public io::CopyingInputStream {
 public:
  explicit GzipFile(const std::string& path) : file_(gzopen(path.c_str(), "rb")) {}
  ~GzipFile() override {
    if (file_ != nullptr) gzclose(file_);
  }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  bool is_open() const { return file_ != nullptr; }
  int Read(void* buffer, int size) override { return gzread(file_, buffer, static_cast<unsigned>(size)); }

  // Whether the file was read to its end, with nothing behind it, and zlib found its checksum right.
  bool ended_cleanly(io::ZeroCopyInputStream& in) {
    const void* data = nullptr;
    int size = 0;
    if (in.Next(&data, &size)) return false;
    int error = Z_OK;
    gzerror(file_, &error);
    return error == Z_OK;
  }

 private:
  gzFile file_;
};

}  // namespace

tl::expected<void, std::string> write_record(const std::string& path, const Record& record) {
  const std::string partial = path + ".partial";
  const auto failed = [&] {
    const int error = errno;
    ::unlink(partial.c_str());
    return Error(fmt::format("cannot write record {}: {}", path, std::strerror(error)));
  };
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return failed();
  io::FileOutputStream file(fd);
  const bool written = write_gzip(record, file);
  const bool closed = file.Close();
  if (!written || !closed) {
    if (file.GetErrno() != 0) errno = file.GetErrno();
    return failed();
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) return failed();
  return {};
}

tl::expected<Record, std::string> read_record(const std::string& path) {
  errno = 0;
  GzipFile file(path);
  if (!file.is_open()) return Error(fmt::format("cannot read record {}: {}", path, std::strerror(errno)));
  io::CopyingInputStreamAdaptor in(&file);
  auto record = read_stream(in);
  if (record && !file.ended_cleanly(in)) record = Error("it is damaged, or goes on after its end");
  return record.map_error(
      [&](const std::string& why) { return fmt::format("cannot read record {}: {}", path, why); });
}

tl::expected<std::string, std::string> encode_record(const Record& record) {
  std::string bytes;
  io::StringOutputStream out(&bytes);
  if (!write_gzip(record, out)) return Error("cannot encode a record: it has an entry of more than 2 GiB");
  return bytes;
}

// Protobuf's reader takes cut-off gzip data for whole; the end marker within tells.
tl::expected<Record, std::string> decode_record(std::string_view bytes, std::string_view name) {
  io::ArrayInputStream raw(bytes.data(), static_cast<int>(bytes.size()));
  io::GzipInputStream in(&raw, io::GzipInputStream::GZIP);
  return read_stream(in).map_error(
      [&](const std::string& why) { return fmt::format("cannot read record {}: {}", name, why); });
}

}  // namespace railyard::record
