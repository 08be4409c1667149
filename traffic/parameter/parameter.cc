// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/parameter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>

#include "traffic/parameter/nearest_name.h"
#include "traffic/units/error.h"

namespace railyard {
namespace {

using Done = tl::expected<void, std::string>;

template <class T>
tl::expected<T, std::string> parse_number(std::string_view text, std::string_view what) {
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) return error("'{}' is too large", text);
  if (status != std::errc() || end != text.data() + text.size()) return error("'{}' is not {}", text, what);
  return value;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

tl::expected<PrioritySet, std::string> parse_priorities(std::string_view text) {
  PrioritySet set;
  if (text == "none") return set;
  for (const std::string_view part : split(text, ',')) {
    const auto priority = parse_number<uint32_t>(part, "");
    if (!priority || *priority >= kPriorities)
      return error("'{}' is not a set of priorities: write numbers from 0 to {}, such as 3,4, or none", text,
                   kPriorities - 1);
    set.mask |= static_cast<uint8_t>(1u << *priority);
  }
  return set;
}

std::string format_priorities(PrioritySet set) {
  std::vector<uint32_t> members;
  for (uint32_t priority = 0; priority < kPriorities; ++priority)
    if (set.has(priority)) members.push_back(priority);
  return members.empty() ? "none" : fmt::format("{}", fmt::join(members, ","));
}

// One entry of a map: "26:3" or "24-31:3".
Done set_map_entry(std::string_view entry, uint8_t* values, size_t size, double maximum) {
  const auto sides = split(entry, ':');
  if (sides.size() != 2) return error("'{}' is not an entry of a map: write key: value", entry);
  const auto keys = split(sides[0], '-');
  const auto first = parse_number<size_t>(keys.front(), "");
  const auto last = parse_number<size_t>(keys.back(), "");
  if (keys.size() > 2 || !first || !last || *first > *last || *last >= size)
    return error("'{}' is not a key of this map: keys are 0 to {}, or ranges of them such as 0-{}", sides[0],
                 size - 1, kPriorities - 1);
  const auto value = parse_number<uint32_t>(sides[1], "a whole number");
  if (!value) return tl::make_unexpected(value.error());
  if (*value > maximum) return error("'{}' is out of range: values are 0 to {}", sides[1], maximum);
  std::fill(values + *first, values + *last + 1, static_cast<uint8_t>(*value));
  return {};
}

// Runs of keys with one value are written as a range.
std::string format_map(const uint8_t* values, size_t size) {
  std::vector<std::string> entries;
  for (size_t first = 0; first < size;) {
    size_t last = first;
    while (last + 1 < size && values[last + 1] == values[first]) ++last;
    entries.push_back(first == last ? fmt::format("{}:{}", first, values[first])
                                    : fmt::format("{}-{}:{}", first, last, values[first]));
    first = last + 1;
  }
  return fmt::format("{}", fmt::join(entries, ","));
}

template <class T>
tl::expected<T, std::string> parse_as(std::string_view text) {
  if constexpr (std::is_same_v<T, bool>) {
    if (text != "true" && text != "false") return error("'{}' is neither true nor false", text);
    return text == "true";
  } else if constexpr (std::is_same_v<T, double>) {
    auto value = parse_number<double>(text, "a number");
    if (value && !std::isfinite(*value)) return error("'{}' is not a number", text);
    return value;
  } else if constexpr (std::is_integral_v<T>) {
    return parse_number<T>(text, "a whole number");
  } else if constexpr (std::is_same_v<T, SimTime>) {
    return parse_time(text);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return parse_bytes(text);
  } else if constexpr (std::is_same_v<T, BitRate>) {
    return parse_rate(text);
  } else if constexpr (std::is_same_v<T, PrioritySet>) {
    return parse_priorities(text);
  } else {
    return std::string(text);
  }
}

// What a range is checked against; types without a range have none.
template <class T>
std::optional<double> base_value(const T& value) {
  if constexpr (std::is_same_v<T, bool>)
    return std::nullopt;
  else if constexpr (std::is_arithmetic_v<T>)
    return static_cast<double>(value);
  else if constexpr (std::is_same_v<T, SimTime>)
    return static_cast<double>(value.ps);
  else if constexpr (std::is_same_v<T, Bytes>)
    return static_cast<double>(value.n);
  else if constexpr (std::is_same_v<T, BitRate>)
    return static_cast<double>(value.bps);
  else
    return std::nullopt;
}

template <class T>
std::string print(const T& value) {
  if constexpr (std::is_same_v<T, PrioritySet>)
    return format_priorities(value);
  else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
    return fmt::format("{}", value);
  else
    return format(value);
}

}  // namespace

std::string_view name_of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::Bool:
      return "boolean";
    case ParameterKind::Integer:
      return "integer";
    case ParameterKind::Real:
      return "number";
    case ParameterKind::Time:
      return "time";
    case ParameterKind::Size:
      return "size";
    case ParameterKind::Rate:
      return "rate";
    case ParameterKind::Choice:
      return "choice";
    case ParameterKind::Priorities:
      return "priorities";
    case ParameterKind::Map:
      return "map";
    case ParameterKind::Text:
      return "text";
  }
  return "";
}

ParameterKind BoundParameter::kind() const {
  return std::visit(
      [this](auto field) {
        using T = decltype(field);
        if constexpr (std::is_same_v<T, bool*>)
          return ParameterKind::Bool;
        else if constexpr (std::is_same_v<T, double*>)
          return ParameterKind::Real;
        else if constexpr (std::is_same_v<T, SimTime*>)
          return ParameterKind::Time;
        else if constexpr (std::is_same_v<T, Bytes*>)
          return ParameterKind::Size;
        else if constexpr (std::is_same_v<T, BitRate*>)
          return ParameterKind::Rate;
        else if constexpr (std::is_same_v<T, PrioritySet*>)
          return ParameterKind::Priorities;
        else if constexpr (std::is_same_v<T, std::string*>)
          return ParameterKind::Text;
        else if constexpr (std::is_same_v<T, MapField>)
          return ParameterKind::Map;
        else if constexpr (std::is_same_v<T, ChoiceField>)
          return ParameterKind::Choice;
        else
          return choices.empty() ? ParameterKind::Integer : ParameterKind::Choice;
      },
      field_);
}

Done BoundParameter::set(std::string_view text) const {
  if (kind() == ParameterKind::Choice) {
    const auto chosen = choice_of(text);
    if (!chosen) return tl::make_unexpected(chosen.error());
    if (const auto* choice = std::get_if<ChoiceField>(&field_))
      choice->set(choice->at, *chosen);
    else
      *std::get<uint32_t*>(field_) = *chosen;
    return {};
  }
  if (const auto* map = std::get_if<MapField>(&field_)) return set_map(text, *map);
  return std::visit(
      [&](auto field) -> Done {
        if constexpr (std::is_pointer_v<decltype(field)>) {
          auto parsed = parse_as<std::remove_pointer_t<decltype(field)>>(text);
          if (!parsed) return tl::make_unexpected(parsed.error());
          const auto value = base_value(*parsed);
          if (value && (*value < minimum || *value > maximum))
            return error("'{}' is out of range: it must be {}", text, range());
          *field = std::move(*parsed);
        }
        return {};
      },
      field_);
}

tl::expected<uint32_t, std::string> BoundParameter::choice_of(std::string_view text) const {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found == choices.end())
    return error("'{}' is not one of {}{}", text, fmt::join(choices, ", "), did_you_mean(text, choices));
  return static_cast<uint32_t>(found - choices.begin());
}

Done BoundParameter::set_map(std::string_view text, MapField map) const {
  for (const std::string_view entry : split(text, ','))
    if (auto done = set_map_entry(entry, map.values, map.size, maximum); !done) return done;
  return {};
}

std::string BoundParameter::text() const {
  return std::visit(
      [this](auto field) {
        if constexpr (std::is_same_v<decltype(field), MapField>)
          return format_map(field.values, field.size);
        else if constexpr (std::is_same_v<decltype(field), ChoiceField>)
          return std::string(choices.at(field.get(field.at)));
        else if constexpr (std::is_same_v<decltype(field), uint32_t*>)
          return choices.empty() ? print(*field) : std::string(choices.at(*field));
        else
          return print(*field);
      },
      field_);
}

std::string BoundParameter::limit_text(double limit) const {
  switch (kind()) {
    case ParameterKind::Time:
      return format(SimTime{static_cast<int64_t>(limit)});
    case ParameterKind::Size:
      return format(Bytes{static_cast<uint64_t>(limit)});
    case ParameterKind::Rate:
      return format(BitRate{static_cast<uint64_t>(limit)});
    default:
      return fmt::format("{}", limit);
  }
}

SimTime* BoundParameter::as_time() const {
  const auto* field = std::get_if<SimTime*>(&field_);
  return field == nullptr ? nullptr : *field;
}

BitRate* BoundParameter::as_rate() const {
  const auto* field = std::get_if<BitRate*>(&field_);
  return field == nullptr ? nullptr : *field;
}

std::string BoundParameter::range() const {
  switch (kind()) {
    case ParameterKind::Bool:
    case ParameterKind::Choice:
    case ParameterKind::Priorities:
    case ParameterKind::Text:
      return "";
    default:
      break;
  }
  if (maximum != kUnlimited) return fmt::format("{} to {}", limit_text(minimum), limit_text(maximum));
  return minimum > 0 ? fmt::format("at least {}", limit_text(minimum)) : "";
}

}  // namespace railyard
