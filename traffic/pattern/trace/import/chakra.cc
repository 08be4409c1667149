// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/chakra.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/chakra_file.h"
#include "traffic/pattern/trace/import/chakra_order.h"
#include "traffic/pattern/trace/import/communication_kernels.h"
#include "traffic/pattern/trace/import/operation_graph.h"
#include "traffic/pattern/trace/names.h"

namespace railyard::trace {
namespace {

using Error = tl::unexpected<std::string>;

constexpr int64_t kMaxBytes = int64_t{1} << 43;  // times kMaxRank still fits 64 bits
constexpr uint32_t kMaxRank = 1U << 20;
constexpr uint64_t kMaxMicroseconds = uint64_t{1} << 50;

template <class... Args>
Error error(fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(fmt::format(format, std::forward<Args>(args)...));
}

// <prefix>.<rank>.et or <prefix>.<rank>.et.gz
std::optional<uint32_t> rank_from_name(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.extension() == ".gz") name = name.stem();
  if (name.extension() == ".et") name = name.stem();
  const std::string digits = name.extension().string();
  uint32_t rank = 0;
  const char* const end = digits.data() + digits.size();
  if (digits.size() < 2) return std::nullopt;
  const auto [stop, failed] = std::from_chars(digits.data() + 1, end, rank);
  return failed == std::errc() && stop == end && rank < kMaxRank ? std::optional<uint32_t>(rank)
                                                                 : std::nullopt;
}

// CollectiveCommType of Chakra's schema.
CollectiveKind kind_of(int64_t comm_type) {
  static constexpr std::array<CollectiveKind, 10> kKinds = {
      ALL_REDUCE, REDUCE,     ALL_GATHER,     GATHER,         SCATTER,
      BROADCAST,  ALL_TO_ALL, REDUCE_SCATTER, REDUCE_SCATTER, BARRIER};
  return comm_type >= 0 && comm_type < static_cast<int64_t>(kKinds.size())
             ? kKinds[static_cast<size_t>(comm_type)]
             : COLLECTIVE_UNSPECIFIED;
}

class Converter {
 public:
  Converter(const ChakraFile& file, uint32_t world_size, GroupTable& groups, CommunicationLedger& ledger,
            WarningCounter& warnings)
      : file_(file), world_size_(world_size), groups_(groups), ledger_(ledger), warnings_(warnings) {}

  tl::expected<Rank, std::string> run(uint32_t number) {
    auto order = order_chakra_nodes(file_, warnings_);
    if (!order) return tl::make_unexpected(order.error());
    const uint64_t beginning_us = first_start_us();
    std::vector<GraphNode> graph(order->size());
    for (size_t i = 0; i < graph.size(); ++i) {
      const ChakraNode& node = file_.nodes[(*order)[i].node];
      auto communication = read(node);
      if (!communication) return tl::make_unexpected(communication.error());
      graph[i].after = std::move((*order)[i].after);
      if (!is_communication(node)) {
        graph[i].duration_ns = std::min(node.duration_us, kMaxMicroseconds) * 1000;
      } else if (*communication && node.start_us > 0) {
        (*communication)
            ->set_captured_start_ns(std::min(node.start_us - beginning_us, kMaxMicroseconds) * 1000);
      }
      graph[i].communication = std::move(*communication);
    }
    Rank rank;
    rank.set_rank(number);
    append_folded(std::move(graph), rank);
    return rank;
  }

 private:
  uint64_t first_start_us() const {
    uint64_t first = std::numeric_limits<uint64_t>::max();
    for (const ChakraNode& node : file_.nodes) {
      if (node.start_us > 0) first = std::min(first, node.start_us);
    }
    return first;
  }

  std::string place(const ChakraNode& node) const {
    return fmt::format("{}: node {} ({})", file_.path, node.id, node.name);
  }

  static bool is_message(const ChakraNode& node) {
    return node.is(ChakraType::CommSend) || node.is(ChakraType::CommRecv);
  }

  // On the device; a kernel that the converter took for compute as well.
  static bool is_communication(const ChakraNode& node) {
    if (node.is_cpu_op.value_or(false)) return false;
    const bool is_kernel = node.is_cpu_op.has_value() && communication_library(node.name).has_value();
    return is_message(node) || node.is(ChakraType::CommColl) || is_kernel;
  }

  std::optional<Operation> leave_out(const ChakraNode& node, const std::string& reason) {
    ledger_.leave_out(short_kernel_name(node.name), reason,
                      std::min(node.duration_us, kMaxMicroseconds) * 1000);
    return std::nullopt;
  }

  // The node as a communication; nothing where it is local work, moves no data or cannot be represented.
  tl::expected<std::optional<Operation>, std::string> read(const ChakraNode& node) {
    using Result = std::optional<Operation>;
    const bool point_to_point = is_message(node);
    if (!is_communication(node)) return Result();
    const bool is_barrier =
        !point_to_point && node.comm_type && kind_of(*node.comm_type) == BARRIER;  // which may have no size
    if (!node.comm_size && !is_barrier) return leave_out(node, "its node has no comm_size");
    const int64_t size = is_barrier ? 0 : *node.comm_size;
    if (size < 0 || size > kMaxBytes) return error("{}: comm_size is {} bytes", place(node), size);
    if (size == 0 && !is_barrier) return Result();
    auto operation = point_to_point ? read_message(node) : read_collective(node);
    if (operation && *operation) {
      (*operation)->set_name(node.name);
      ledger_.attribute(std::min(node.duration_us, kMaxMicroseconds) * 1000);
    }
    return operation;
  }

  tl::expected<std::optional<Operation>, std::string> read_message(const ChakraNode& node) {
    const bool sends = node.is(ChakraType::CommSend);
    const std::optional<int64_t> peer = sends ? node.comm_dst : node.comm_src;
    if (!peer || *peer < 0 || *peer >= world_size_) {
      return error("{}: {} {}; the job has ranks 0 to {}", place(node), sends ? "comm_dst" : "comm_src",
                   peer ? fmt::format("is {}", *peer) : "is missing", world_size_ - 1);
    }
    Operation operation;
    const auto bytes = static_cast<uint64_t>(*node.comm_size);
    const auto tag = static_cast<uint32_t>(node.comm_tag.value_or(0));
    if (sends) {
      operation.mutable_send()->set_peer(static_cast<uint32_t>(*peer));
      operation.mutable_send()->set_bytes(bytes);
      operation.mutable_send()->set_tag(tag);
    } else {
      operation.mutable_receive()->set_peer(static_cast<uint32_t>(*peer));
      operation.mutable_receive()->set_bytes(bytes);
      operation.mutable_receive()->set_tag(tag);
    }
    return operation;
  }

  tl::expected<std::optional<Operation>, std::string> read_collective(const ChakraNode& node) {
    if (!node.comm_type) return error("{}: a collective without comm_type", place(node));
    const CollectiveKind kind = kind_of(*node.comm_type);
    if (kind == COLLECTIVE_UNSPECIFIED)
      return leave_out(node, fmt::format("comm_type {} has no counterpart here", *node.comm_type));
    auto ranks = members_of(node);
    if (!ranks) return tl::make_unexpected(ranks.error());
    const uint64_t size = ranks->empty() ? world_size_ : ranks->size();
    Operation operation;
    Collective& collective = *operation.mutable_collective();
    collective.set_kind(kind);
    // Chakra counts a rank's input; the trace counts the output of all-gather and gather.
    const bool gathers = kind == ALL_GATHER || kind == GATHER;
    if (kind != BARRIER) collective.set_bytes(static_cast<uint64_t>(*node.comm_size) * (gathers ? size : 1));
    if (has_root(kind)) {
      const int64_t root = node.comm_root.value_or(0);
      if (root < 0 || static_cast<uint64_t>(root) >= size)
        return error("{}: root {} in a group of {}", place(node), root, size);
      collective.set_root(static_cast<uint32_t>(root));
      if (!node.comm_root) warnings_.add(root_is_assumed(kind));
    }
    collective.set_group(groups_.index_of(node.group_name, std::move(*ranks)));
    return operation;
  }

  tl::expected<std::vector<uint32_t>, std::string> members_of(const ChakraNode& node) const {
    const auto known = file_.groups.find(node.group_name);
    if (known != file_.groups.end()) return known->second;
    // ASTRA-sim's tools write "0" for the world without defining it.
    if (node.group_name.empty() || node.group_name == "0") return std::vector<uint32_t>();
    return error(
        "{}: process group '{}' is defined by no '## process_group:init ##' node of the file: capture from "
        "the start of "
        "the job",
        place(node), node.group_name);
  }

  const ChakraFile& file_;
  const uint32_t world_size_;
  GroupTable& groups_;
  CommunicationLedger& ledger_;
  WarningCounter& warnings_;
};

struct NumberedFile {
  uint32_t rank;
  ChakraFile file;
};

tl::expected<std::vector<NumberedFile>, std::string> read_files(const std::vector<std::string>& paths,
                                                                const ImportOptions& options) {
  if (options.rank && paths.size() != 1) return error("a rank can be given for a single file only");
  std::vector<NumberedFile> files;
  for (const std::string& path : paths) {
    std::optional<uint32_t> rank = options.rank ? options.rank : rank_from_name(path);
    if (!rank && options.partial) rank = 0;
    if (!rank) {
      return error(
          "{}: its name does not say which rank it is: name it <prefix>.<rank>.et, or give the rank of this "
          "one file",
          path);
    }
    auto file = read_chakra_file(path);
    if (!file) return tl::make_unexpected(file.error());
    files.push_back({*rank, std::move(*file)});
  }
  return files;
}

// Of files that are not of all ranks.
uint32_t ranks_named_in(const std::vector<NumberedFile>& files) {
  int64_t highest = 0;
  for (const NumberedFile& one : files) {
    for (const ChakraNode& node : one.file.nodes)
      highest = std::max({highest, node.comm_src.value_or(0), node.comm_dst.value_or(0)});
    for (const auto& [name, members] : one.file.groups) {
      for (const uint32_t member : members) highest = std::max<int64_t>(highest, member);
    }
  }
  return static_cast<uint32_t>(std::min<int64_t>(highest, kMaxRank - 1)) + 1;
}

}  // namespace

bool recognises_chakra(std::string_view head) {
  // "{" and a line feed would pass for a length of 123 and a version.
  if (looks_like_json(head)) return false;
  // The first record is the metadata: a length, then the version (field 1) or an attribute (field 2), which
  // must fit in.
  uint64_t length = 0;
  size_t at = 0;
  for (int shift = 0; at < head.size() && shift < 35; shift += 7) {
    const auto byte = static_cast<uint8_t>(head[at++]);
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (at + 1 >= head.size() || length < 2) return false;
  if (head[at] != 0x0a && head[at] != 0x12) return false;
  const auto inner = static_cast<uint8_t>(head[at + 1]);
  return inner >= 0x80 || inner + 2U <= length;
}

tl::expected<ImportResult, std::string> import_chakra(const std::vector<std::string>& paths,
                                                      const ImportOptions& options) {
  const auto files = read_files(paths, options);
  if (!files) return tl::make_unexpected(files.error());
  uint32_t world_size = options.world_size;
  if (world_size == 0) {
    for (const NumberedFile& one : *files) world_size = std::max(world_size, one.rank + 1);
    if (options.partial) world_size = std::max(world_size, ranks_named_in(*files));
  }
  GroupTable groups;
  WarningCounter warnings;
  CommunicationLedger ledger;
  std::vector<ImportedRank> ranks;
  for (const NumberedFile& one : *files) {
    auto rank = Converter(one.file, world_size, groups, ledger, warnings).run(one.rank);
    if (!rank) return tl::make_unexpected(rank.error());
    ranks.push_back({one.file.path, 0, std::move(*rank)});
  }
  if (ledger.empty()) return error("{}: no communication was found in the capture", paths.front());
  ImportOptions whole = options;
  if (options.partial) whole.world_size = world_size;
  auto trace = assemble(std::move(ranks), groups, whole);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  ImportResult result = {std::move(*trace), warnings.lines()};
  if (world_size == 1) {
    result.warnings.push_back(
        "only one rank was found, and its collectives move nothing: have the missing ranks of the job's N "
        "filled in: --fill-missing-ranks N (railyard trace), or 'fill_missing_ranks: true' with 'world: N' "
        "(scenario)");
  }
  return result;
}

}  // namespace railyard::trace
