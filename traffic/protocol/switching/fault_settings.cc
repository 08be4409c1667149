// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/fault_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

using F = FaultSettings;
constexpr double kLongest = static_cast<double>(SimTime::seconds(10).ps);
constexpr std::string_view kSource = "Railyard; as Linux tc-netem(8) has it";

struct Selection {
  std::optional<size_t> port;
  std::optional<Direction> direction;
  std::string_view fault;  // what is left of the path
};

Selection select(std::string_view path) {
  Selection s{std::nullopt, std::nullopt, path};
  while (!s.fault.empty()) {
    const size_t dot = s.fault.find('.');
    const std::string_view part = s.fault.substr(0, dot);
    size_t port = 0;
    const auto number = std::from_chars(part.data(), part.data() + part.size(), port);
    if (number.ec == std::errc() && number.ptr == part.data() + part.size()) {
      s.port = port;
    } else if (part == "in" || part == "out") {
      s.direction = part == "in" ? Direction::In : Direction::Out;
    } else {
      break;
    }
    s.fault.remove_prefix(dot == std::string_view::npos ? s.fault.size() : dot + 1);
  }
  return s;
}

std::string no_such_fault(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Parameter<F>& row : parameters_of(static_cast<const F*>(nullptr))) names.push_back(row.name);
  if (name.empty()) return fmt::format("which fault? End it with one of {}", fmt::join(names, ", "));
  if (name.find('.') != std::string_view::npos)
    return fmt::format(
        "'{}' is not a fault: after the port and the direction, as in 2.in.drop, stands one of {}", name,
        fmt::join(names, ", "));
  const std::string hint = did_you_mean(name, names);
  return fmt::format("there is no fault '{}'{}", name,
                     hint.empty() ? fmt::format(": use one of {}", fmt::join(names, ", ")) : hint);
}

tl::expected<void, std::string> set(F& faults, std::string_view name, std::string_view text) {
  const auto& rows = parameters_of(static_cast<const F*>(nullptr));
  const auto row =
      std::find_if(rows.begin(), rows.end(), [name](const Parameter<F>& r) { return r.name == name; });
  if (row == rows.end()) return tl::make_unexpected(no_such_fault(name));
  const bool is_share = kind_of(*row) == ParameterKind::Real;
  if (is_share && !text.empty() && text.back() == '%') text.remove_suffix(1);
  return set_from_text(*row, faults, text);
}

}  // namespace

const std::vector<Parameter<F>>& parameters_of(const F*) {
  static const std::vector<Parameter<F>> rows = {
      {"drop", &F::drop, 0, 100, "Share of the frames that are lost, in percent", kSource},
      {"corrupt", &F::corrupt, 0, 100, "Share of the frames in which one bit is flipped, in percent",
       kSource},
      {"corrupt_part",
       &F::corrupt_part,
       "Where the bit is flipped: anywhere in the frame, or behind the transport header",
       kSource,
       {"frame", "payload"}},
      {"duplicate", &F::duplicate, 0, 100, "Share of the frames that arrive twice, in percent", kSource},
      {"reorder", &F::reorder, 0, 100,
       "Share of the frames that are held back by reorder_delay while others overtake them, in percent",
       kSource},
      {"reorder_delay", &F::reorder_delay, 0, kLongest, "See reorder", kSource},
      {"delay", &F::delay, 0, kLongest, "Delay of every frame, beyond the link's own", kSource},
      {"jitter", &F::jitter, 0, kLongest,
       "Random delay of each frame, uniform up to this; it changes no order", kSource},
      {"down", &F::down, 0, 1, "The link carries nothing", kSource},
  };
  return rows;
}

tl::expected<void, std::string> set_fault(std::vector<PortFaults>& ports, std::string_view path,
                                          std::string_view text) {
  const Selection s = select(path);
  if (s.port && *s.port >= ports.size()) {
    return tl::make_unexpected(
        fmt::format("faults.{}: there is no port {}, only 0 to {}", path, *s.port, ports.size() - 1));
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (s.port && *s.port != i) continue;
    for (const Direction direction : {Direction::In, Direction::Out}) {
      if (s.direction && *s.direction != direction) continue;
      F& faults = direction == Direction::In ? ports[i].in : ports[i].out;
      const auto done = set(faults, s.fault, text);
      if (!done) return tl::make_unexpected(fmt::format("faults.{}: {}", path, done.error()));
    }
  }
  return {};
}

}  // namespace railyard
