// SPDX-License-Identifier: BSD-3-Clause
// Tables of an SQLite database that nobody vouches for, read row after row. Nothing in it is run: it is held
// in memory and never written, only plain tables are read, and functions, views, triggers and extensions are
// refused [https://sqlite.org/security.html].
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace railyard::trace {

// Values by the place of their columns in read()'s list.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  // Nothing where the value is of another type, or the table has no such column.
  std::optional<int64_t> integer(int column) const;
  // Both hold until the next row.
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class SqliteTables {
 public:
  // The error names the file.
  static tl::expected<SqliteTables, std::string> open(const std::string& path);

  // Whether there is a plain table of that name.
  bool has(const std::string& table) const;
  // Visits every row; a table that is not there has none. The error names file and table.
  tl::expected<void, std::string> read(const std::string& table, const std::vector<std::string>& columns,
                                       const std::function<void(const SqliteRow&)>& visit) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  std::string path_;
  std::unique_ptr<std::string> bytes_;  // what the database reads from
  std::unique_ptr<sqlite3, Close> database_;
};

bool looks_like_sqlite(std::string_view content);

}  // namespace railyard::trace
