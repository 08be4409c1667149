// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/json_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

tl::unexpected<std::string> broken(const std::string& path, size_t byte) {
  return tl::make_unexpected(fmt::format(
      "{}: is cut short or no valid JSON, at byte {}: export or copy the capture again", path, byte));
}

// Where the object that begins at `from` ends; npos where it does not.
size_t end_of_object(std::string_view text, size_t from) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// NCCL's example profiler printed names of types and pointers without quotes until 2.28.
std::string quote_bare_words(std::string_view text) {
  std::string quoted;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      quoted += c;
      quoted += text[++i];
      continue;
    }
    if (c == '"') in_string = !in_string;
    const size_t end = in_string ? i : text.find_first_of(",}] \t\r\n\":[{", i);
    const std::string_view word = text.substr(i, end == std::string_view::npos ? end : end - i);
    const bool bare = word.find_first_not_of("0123456789+-.eE") != std::string_view::npos;
    if (word.empty() || !bare || word == "true" || word == "false" || word == "null") {
      quoted += c;
      continue;
    }
    quoted += '"';
    quoted += word;
    quoted += '"';
    i += word.size() - 1;
  }
  return quoted;
}

}  // namespace

const Json& field(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (!value.is_array()) return "";
  std::string list = "[";
  for (const Json& entry : value) {
    if (!entry.is_number()) return "";
    list += (list.size() > 1 ? ", " : "") + entry.dump();
  }
  return list + "]";
}

int64_t integer_of(const Json& value, int64_t otherwise) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return otherwise;
  const auto& digits = value.get_ref<const std::string&>();
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return failed == std::errc() && end == digits.data() + digits.size() ? number : otherwise;
}

double number_of(const Json& value, double otherwise) {
  if (!value.is_number()) return otherwise;
  const double number = value.get<double>();
  return std::isfinite(number) ? number : otherwise;
}

tl::expected<Json, std::string> read_json(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  try {
    return Json::parse(*content);
  } catch (const Json::parse_error& error) {
    return broken(path, error.byte);
  } catch (const Json::exception&) {
    return tl::make_unexpected(
        fmt::format("{}: holds a number too large to be read: export or copy the capture again", path));
  }
}

tl::expected<std::vector<Json>, std::string> read_json_objects(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  const std::string_view text = *content;
  std::vector<Json> objects;
  for (size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
    const size_t end = end_of_object(text, at);
    if (end == std::string_view::npos) return broken(path, text.size());
    Json object = Json::parse(text.substr(at, end - at), nullptr, false);
    if (object.is_discarded())
      object = Json::parse(quote_bare_words(text.substr(at, end - at)), nullptr, false);
    if (object.is_discarded()) return broken(path, at);
    objects.push_back(std::move(object));
    at = end;
  }
  return objects;
}

}  // namespace railyard::trace
