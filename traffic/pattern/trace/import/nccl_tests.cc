// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nccl_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxOperations = uint64_t{1} << 24;

// "./build/all_reduce_perf" is "all_reduce_perf".
std::string program_of(const Json& document) {
  const Json& arguments = field(document, "args");
  const std::string path = arguments.is_array() && !arguments.empty() ? text_of(arguments[0]) : "";
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

bool recognises_nccl_tests(std::string_view content) {
  const auto has = [&](std::string_view part) { return content.find(part) != std::string_view::npos; };
  return has("\"nccl_version\"") && has("\"results\"") && has("\"minimum_bytes\"");
}

tl::expected<ImportResult, std::string> import_nccl_tests(const std::vector<std::string>& files,
                                                          const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: a benchmark holds all ranks: import one file at a time", files.front()));
  const std::string& path = files.front();
  const auto document = read_json(path);
  if (!document) return tl::make_unexpected(document.error());
  const std::string program = program_of(*document);
  const CommunicationName what = parse_communication_name(program);
  const bool is_ring = program.rfind("sendrecv", 0) == 0;
  if (what.kind != CommunicationKind::Collective && !is_ring)
    return tl::make_unexpected(fmt::format("{}: '{}' has no counterpart here", path, program));
  const Json& devices = field(field(*document, "config"), "devices");
  const Json& results = field(*document, "results");
  const size_t world = devices.is_array() ? devices.size() : 0;
  if (world < 2 || world > kMaxCaptureRank || !results.is_array())
    return tl::make_unexpected(
        fmt::format("{}: names {} devices: run nccl-tests built with MPI=1 on more", path, world));
  if (world * results.size() > kMaxOperations) return tl::make_unexpected(path + ": has too many results");
  GroupTable groups;
  CommunicationLedger ledger;
  const uint32_t group = groups.index_of("", {});
  std::vector<ImportedRank> ranks;
  for (uint32_t r = 0; r < world; ++r) {
    ImportedRank imported = {path, static_cast<uint32_t>(world), {}};
    imported.rank.set_rank(r);
    RankBuilder builder(imported.rank);
    RankBuilder::Indices last;
    for (const Json& result : results) {
      const int64_t bytes = integer_of(field(result, "size"));
      if (bytes <= 0 || bytes > kMaxCaptureBytes) continue;
      const auto size = static_cast<uint64_t>(bytes);
      ledger.attribute(0);
      if (is_ring) {
        const auto ring = static_cast<uint32_t>(world);
        last = {builder.send((r + 1) % ring, size, 0, last),
                builder.receive((r + ring - 1) % ring, size, 0, last)};
      } else {
        last = {builder.collective(program, what.collective, group, size, last)};
      }
    }
    ranks.push_back(std::move(imported));
  }
  if (ledger.empty()) return tl::make_unexpected(path + ": has no result with a size");
  auto trace = assemble(std::move(ranks), groups, options);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  return ImportResult{std::move(*trace), {}};
}

}  // namespace railyard::trace
