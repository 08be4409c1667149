// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/goal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <queue>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Failure = tl::unexpected<std::string>;

struct Statement {
  Operation operation;
  size_t line = 0;
  std::vector<uint32_t> ended;    // must have ended
  std::vector<uint32_t> started;  // must have started
};

struct Block {
  uint32_t rank = 0;
  std::vector<Statement> statements;
  std::map<std::string, uint32_t, std::less<>> labels;
};

// Words of a line, without comments; "l1:" is one.
std::vector<std::string_view> words_of(std::string_view line, bool& in_comment) {
  std::vector<std::string_view> words;
  size_t begin = std::string_view::npos;
  const auto finish = [&](size_t end) {
    if (begin != std::string_view::npos) words.push_back(line.substr(begin, end - begin));
    begin = std::string_view::npos;
  };
  for (size_t i = 0; i < line.size(); ++i) {
    const std::string_view pair = line.substr(i, 2);
    if (in_comment) {
      if (pair != "*/") continue;
      in_comment = false;
      ++i;
    } else if (pair == "/*") {
      finish(i++);
      in_comment = true;
    } else if (pair == "//") {
      finish(i);
      return words;
    } else if (std::isspace(static_cast<unsigned char>(line[i])) != 0) {
      finish(i);
    } else if (line[i] == '{' || line[i] == '}') {
      finish(i);
      words.push_back(line.substr(i, 1));
    } else if (begin == std::string_view::npos) {
      begin = i;
    }
  }
  finish(line.size());
  return words;
}

std::optional<int64_t> number(std::string_view word) {
  if (!word.empty() && word.back() == 'b') word.remove_suffix(1);  // "128b"
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failed != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  explicit Parser(std::string path) : path_(std::move(path)) {}

  tl::expected<void, std::string> run(std::string_view text) {
    bool in_comment = false;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      ++line_;
      if (auto done = read_line(words_of(text.substr(0, end), in_comment)); !done) return done;
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (open_) return failure("the last rank's block is not closed: the file is cut short");
    if (rank_count_ == 0) return failure("has no num_ranks: it is no GOAL schedule");
    return {};
  }

  std::vector<Block>& blocks() { return blocks_; }
  uint32_t rank_count() const { return rank_count_; }

 private:
  Failure failure(const std::string& what) const {
    return tl::make_unexpected(fmt::format("{}:{}: {}", path_, line_, what));
  }

  tl::expected<void, std::string> read_line(std::vector<std::string_view> words) {
    if (words.empty()) return {};
    if (!open_ && words[0] == "num_ranks") return read_rank_count(words);
    if (!open_ && words[0] == "rank") return open_block(std::move(words));
    const bool closes = words.back() == "}";
    if (closes) words.pop_back();
    if (closes && !open_) return failure("a '}' without a block");
    if (auto done = read_statement(words); !done) return done;
    if (closes) open_ = false;
    return {};
  }

  tl::expected<void, std::string> read_rank_count(const std::vector<std::string_view>& words) {
    const auto count = words.size() == 2 ? number(words[1]) : std::nullopt;
    if (!count || *count < 1 || *count > kMaxCaptureRank)
      return failure("num_ranks must be a number of ranks");
    rank_count_ = static_cast<uint32_t>(*count);
    return {};
  }

  tl::expected<void, std::string> open_block(std::vector<std::string_view> words) {
    const auto rank = words.size() >= 3 ? number(words[1]) : std::nullopt;
    if (!rank || *rank < 0 || *rank >= rank_count_ || words[2] != "{")
      return failure(fmt::format("expected 'rank R {{' with R below num_ranks, {}", rank_count_));
    open_ = true;
    blocks_.push_back({static_cast<uint32_t>(*rank), {}, {}});
    words.erase(words.begin(), words.begin() + 3);
    return words.empty() ? tl::expected<void, std::string>() : read_line(std::move(words));
  }

  tl::expected<void, std::string> read_statement(const std::vector<std::string_view>& words) {
    if (words.empty()) return {};
    if (!open_) return failure(fmt::format("'{}' stands outside of a rank's block", words[0]));
    if (words.size() == 3 && (words[1] == "requires" || words[1] == "irequires"))
      return read_dependency(words);
    std::string_view label;
    size_t at = 0;
    if (words[0].back() == ':') {
      label = words[0].substr(0, words[0].size() - 1);
      at = 1;
    }
    auto statement = read_operation({words.begin() + static_cast<ptrdiff_t>(at), words.end()});
    if (!statement) return tl::make_unexpected(statement.error());
    Block& block = blocks_.back();
    if (!label.empty() &&
        !block.labels.try_emplace(std::string(label), static_cast<uint32_t>(block.statements.size())).second)
      return failure(fmt::format("label {} stands twice in rank {}", label, block.rank));
    block.statements.push_back(std::move(*statement));
    return {};
  }

  tl::expected<void, std::string> read_dependency(const std::vector<std::string_view>& words) {
    Block& block = blocks_.back();
    const auto later = block.labels.find(words[0]);
    const auto earlier = block.labels.find(words[2]);
    if (later == block.labels.end() || earlier == block.labels.end())
      return failure(fmt::format("label {} is not defined above in rank {}",
                                 later == block.labels.end() ? words[0] : words[2], block.rank));
    Statement& statement = block.statements[later->second];
    (words[1] == "requires" ? statement.ended : statement.started).push_back(earlier->second);
    return {};
  }

  // "calc 1000 ...", "send 128b to 3 tag 7 ...", "recv 128b from 1 tag 7 ..."; cpu and nic are not modelled.
  tl::expected<Statement, std::string> read_operation(const std::vector<std::string_view>& words) {
    const auto size = words.size() >= 2 ? number(words[1]) : std::nullopt;
    if (!size || *size < 0 || *size > kMaxCaptureBytes)
      return failure("expected calc, send, recv, requires or irequires, with a size");
    Statement statement;
    statement.line = line_;
    if (words[0] == "calc") {
      statement.operation.set_name("calc");
      statement.operation.mutable_compute()->set_duration_ns(static_cast<uint64_t>(*size));
      return statement;
    }
    const bool sends = words[0] == "send";
    if (!sends && words[0] != "recv") return failure(fmt::format("'{}' is no operation of GOAL", words[0]));
    int64_t peer = -1, tag = 0;
    for (size_t i = 2; i + 1 < words.size(); i += 2) {
      const auto value = number(words[i + 1]);
      if (!value) return failure(fmt::format("'{}' is no number", words[i + 1]));
      if (words[i] == (sends ? "to" : "from")) peer = *value;
      if (words[i] == "tag") tag = *value;
    }
    if (peer < 0 || tag < 0)
      return failure(
          "a receive from any source or of any tag cannot be replayed: write the schedule with both");
    if (peer >= rank_count_) return failure(fmt::format("peer {} of {} ranks", peer, rank_count_));
    statement.operation.set_name(sends ? "send" : "receive");
    set_message(statement.operation, sends, static_cast<uint32_t>(peer), static_cast<uint64_t>(*size),
                static_cast<uint32_t>(tag));
    return statement;
  }

  static void set_message(Operation& operation, bool sends, uint32_t peer, uint64_t bytes, uint32_t tag) {
    if (sends) {
      Send& send = *operation.mutable_send();
      send.set_peer(peer);
      send.set_bytes(bytes);
      send.set_tag(tag);
    } else {
      Receive& receive = *operation.mutable_receive();
      receive.set_peer(peer);
      receive.set_bytes(bytes);
      receive.set_tag(tag);
    }
  }

  const std::string path_;
  size_t line_ = 0;
  uint32_t rank_count_ = 0;
  bool open_ = false;
  std::vector<Block> blocks_;
};

// In an order in which nothing waits for what comes later; the first line of those that wait in a circle.
std::optional<size_t> sort_into(const Block& block, Rank& rank) {
  const size_t count = block.statements.size();
  std::vector<std::vector<uint32_t>> behind(count);
  std::vector<size_t> open(count);
  for (uint32_t i = 0; i < count; ++i) {
    for (const auto* list : {&block.statements[i].ended, &block.statements[i].started}) {
      for (const uint32_t earlier : *list) behind[earlier].push_back(i);
      open[i] += list->size();
    }
  }
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready;
  for (uint32_t i = 0; i < count; ++i) {
    if (open[i] == 0) ready.push(i);
  }
  RankBuilder builder(rank);
  std::vector<uint32_t> place(count);
  std::vector<RankBuilder::Indices> after(count);
  while (!ready.empty()) {
    const uint32_t i = ready.top();
    ready.pop();
    for (const uint32_t earlier : block.statements[i].ended) after[i].push_back(place[earlier]);
    for (const uint32_t earlier : block.statements[i].started)
      after[i].insert(after[i].end(), after[earlier].begin(), after[earlier].end());
    std::sort(after[i].begin(), after[i].end());
    after[i].erase(std::unique(after[i].begin(), after[i].end()), after[i].end());
    place[i] = builder.append(block.statements[i].operation, after[i]);
    for (const uint32_t next : behind[i]) {
      if (--open[next] == 0) ready.push(next);
    }
  }
  if (builder.size() == count) return std::nullopt;
  const auto stuck = std::find_if(open.begin(), open.end(), [](size_t n) { return n > 0; });
  return block.statements[static_cast<size_t>(stuck - open.begin())].line;
}

}  // namespace

bool recognises_goal(std::string_view content) {
  const size_t at = content.find("num_ranks ");
  if (at == std::string_view::npos) return false;
  return at == 0 || content[at - 1] == '\n' || content[at - 1] == ' ';
}

tl::expected<ImportResult, std::string> import_goal(const std::vector<std::string>& files,
                                                    const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: a GOAL schedule holds all ranks: import one file at a time", files.front()));
  const auto content = read_file(files.front());
  if (!content) return tl::make_unexpected(content.error());
  Parser parser(files.front());
  if (auto parsed = parser.run(*content); !parsed) return tl::make_unexpected(parsed.error());
  std::vector<ImportedRank> ranks;
  CommunicationLedger ledger;
  for (const Block& block : parser.blocks()) {
    ImportedRank imported;
    imported.file = files.front();
    imported.world_size = parser.rank_count();
    imported.rank.set_rank(block.rank);
    if (const auto line = sort_into(block, imported.rank))
      return tl::make_unexpected(fmt::format("{}:{}: waits, over others, for itself", files.front(), *line));
    for (const Operation& operation : imported.rank.operations()) {
      if (!operation.has_compute()) ledger.attribute(0);
    }
    ranks.push_back(std::move(imported));
  }
  if (ledger.empty()) return tl::make_unexpected(files.front() + ": nothing is sent in it");
  // A rank without a block does nothing; LogGOPSim takes it so as well.
  ImportOptions lenient = options;
  lenient.partial = true;
  auto trace = assemble(std::move(ranks), GroupTable(), lenient);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  trace->mutable_header()->set_plain_messages(true);
  return ImportResult{std::move(*trace), {}};
}

}  // namespace railyard::trace
