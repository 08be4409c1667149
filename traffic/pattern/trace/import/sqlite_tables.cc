// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/sqlite_tables.h"

#include <sqlite3.h>

#include <set>
#include <utility>

#include <fmt/format.h>

#include "traffic/pattern/trace/file_bytes.h"

namespace railyard::trace {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr int kMostBytesOfValue = 64 << 20;
constexpr int kInstructionsBetweenLooks = 100'000;

struct Finish {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finish>;

constexpr const char* kColumnsPragma = "table_xinfo";

// Of what a statement may do: select, read columns, and ask which there are.
int allow_reading(void*, int action, const char* name, const char*, const char*, const char*) {
  const bool allowed = action == SQLITE_SELECT || action == SQLITE_READ ||
                       (action == SQLITE_PRAGMA && std::string_view(name) == kColumnsPragma);
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

void restrict_to_reading(sqlite3* database) {
  for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                      {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                                      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}})
    sqlite3_db_config(database, option, value, nullptr);
  for (const auto& [limit, value] : {std::pair{SQLITE_LIMIT_LENGTH, kMostBytesOfValue},
                                     {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
                                     {SQLITE_LIMIT_EXPR_DEPTH, 20},
                                     {SQLITE_LIMIT_COMPOUND_SELECT, 2},
                                     {SQLITE_LIMIT_VDBE_OP, 25'000},
                                     {SQLITE_LIMIT_FUNCTION_ARG, 8},
                                     {SQLITE_LIMIT_ATTACHED, 0},
                                     {SQLITE_LIMIT_TRIGGER_DEPTH, 1}})
    sqlite3_limit(database, limit, value);
  sqlite3_exec(database, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
  sqlite3_set_authorizer(database, allow_reading, nullptr);
}

// Reading a table takes some instructions a value, and a value some bytes: more is a table in a circle.
struct Patience {
  uint64_t looks_left;
};

int lose_patience(void* patience) {
  return static_cast<Patience*>(patience)->looks_left-- == 0 ? 1 : 0;
}

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

Statement prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(database, sql.c_str(), -1, &prepared, nullptr);
  return Statement(prepared);
}

// Those that are stored: others are computed from an expression of the schema's.
std::set<std::string> columns_of(sqlite3* database, const std::string& table) {
  constexpr int kName = 1, kHidden = 6;  // [https://sqlite.org/pragma.html#pragma_table_xinfo]
  std::set<std::string> columns;
  const Statement statement = prepare(database, fmt::format("PRAGMA {}({})", kColumnsPragma, quoted(table)));
  while (statement != nullptr && sqlite3_step(statement.get()) == SQLITE_ROW) {
    const SqliteRow row(statement.get());
    if (row.integer(kHidden) == 0) columns.emplace(row.text(kName));
  }
  return columns;
}

}  // namespace

std::optional<int64_t> SqliteRow::integer(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteRow::text(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_TEXT ? blob(column) : std::string_view();
}

std::string_view SqliteRow::blob(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

void SqliteTables::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

bool looks_like_sqlite(std::string_view content) {
  return content.substr(0, kMagic.size()) == kMagic;
}

tl::expected<SqliteTables, std::string> SqliteTables::open(const std::string& path) {
  auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  SqliteTables tables;
  tables.path_ = path;
  tables.bytes_ = std::make_unique<std::string>(*std::move(content));
  std::string& bytes = *tables.bytes_;
  if (!looks_like_sqlite(bytes)) return tl::make_unexpected(fmt::format("{}: is no SQLite database", path));
  // A database in memory has no write-ahead log [https://sqlite.org/fileformat.html, 1.3.3].
  constexpr size_t kWriteVersion = 18, kReadVersion = 19;
  if (bytes.size() > kReadVersion) bytes[kWriteVersion] = bytes[kReadVersion] = 1;
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE, nullptr);
  tables.database_.reset(database);
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (opened != SQLITE_OK ||
      sqlite3_deserialize(database, "main", reinterpret_cast<unsigned char*>(bytes.data()), size, size,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return tl::make_unexpected(fmt::format("{}: SQLite cannot read it: {}", path, sqlite3_errmsg(database)));
  restrict_to_reading(database);
  return tables;
}

// By the schema itself, since a view or a virtual table may bear any name.
bool SqliteTables::has(const std::string& table) const {
  const Statement statement =
      prepare(database_.get(), "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?");
  if (statement == nullptr) return false;
  sqlite3_bind_text(statement.get(), 1, table.c_str(), -1, SQLITE_STATIC);
  if (sqlite3_step(statement.get()) != SQLITE_ROW) return false;
  constexpr std::string_view kPlain = "CREATE TABLE";
  const std::string made(SqliteRow(statement.get()).text(0));
  return sqlite3_strnicmp(made.c_str(), kPlain.data(), static_cast<int>(kPlain.size())) == 0;
}

tl::expected<void, std::string> SqliteTables::read(const std::string& table,
                                                   const std::vector<std::string>& columns,
                                                   const std::function<void(const SqliteRow&)>& visit) const {
  if (!has(table)) return {};
  sqlite3* const database = database_.get();
  const std::set<std::string> stored = columns_of(database, table);
  std::string sql;
  for (const std::string& column : columns)
    sql += (sql.empty() ? "SELECT " : ", ") + (stored.count(column) != 0 ? quoted(column) : "NULL");
  const Statement statement = prepare(database, sql + " FROM " + quoted(table));
  Patience patience{10 + bytes_->size() / kInstructionsBetweenLooks * 100};
  sqlite3_progress_handler(database, kInstructionsBetweenLooks, lose_patience, &patience);
  int step = statement == nullptr ? SQLITE_ERROR : SQLITE_ROW;
  while (step == SQLITE_ROW) {
    step = sqlite3_step(statement.get());
    if (step == SQLITE_ROW) visit(SqliteRow(statement.get()));
  }
  sqlite3_progress_handler(database, 0, nullptr, nullptr);
  if (step == SQLITE_DONE) return {};
  return tl::make_unexpected(
      fmt::format("{}: table {}: {}; export the report again", path_, table, sqlite3_errmsg(database)));
}

}  // namespace railyard::trace
