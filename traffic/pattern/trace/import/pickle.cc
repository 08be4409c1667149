// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

// A value may be used many times, also in values that are used many times: a short file could unfold without
// end.
constexpr size_t kMaxValues = size_t{1} << 24;
constexpr size_t kMaxDepth = 100;
constexpr size_t kMaxMemory = size_t{1} << 26;  // values made

class Machine {
 public:
  explicit Machine(std::string_view bytes) : bytes_(bytes) {}

  tl::expected<Json, std::string> run() {
    while (at_ < bytes_.size()) {
      const size_t begin = at_;
      const auto opcode = static_cast<uint8_t>(bytes_[at_++]);
      if (opcode == '.') {
        if (stack_.size() != 1 || !marks_.empty())
          return failure(begin, "the pickle ends with a stack that holds no single value");
        Json json;
        if (!unfold(stack_.back(), 0, json))
          return failure(begin, "it unfolds to more values, or deeper, than a capture can be");
        return json;
      }
      if (!step(opcode)) return failure(begin, wrong_.empty() ? "the data is cut short or damaged" : wrong_);
      if (nodes_.size() > kMaxMemory) return failure(begin, "it has more values than a capture can have");
    }
    return failure(at_, "the pickle is cut short");
  }

 private:
  using Index = size_t;  // of a node
  using Indices = std::vector<Index>;

  // Containers refer to their values, as Python's do: one may be used before it is filled.
  struct Node {
    Json scalar;
    bool is_list = false, is_dictionary = false;
    Indices values;
    std::vector<std::string> keys;  // of a dictionary's values
  };

  static tl::unexpected<std::string> failure(size_t byte, const std::string& what) {
    return tl::make_unexpected(fmt::format("byte {}: {}", byte, what));
  }

  bool unfold(Index index, size_t depth, Json& json) {
    if (depth > kMaxDepth || ++unfolded_ > kMaxValues) return false;
    const Node& node = nodes_[index];
    if (!node.is_list && !node.is_dictionary) {
      json = node.scalar;
      return true;
    }
    json = node.is_list ? Json::array() : Json::object();
    for (size_t i = 0; i < node.values.size(); ++i) {
      Json value;
      if (!unfold(node.values[i], depth + 1, value)) return false;
      if (node.is_list) {
        json.push_back(std::move(value));
      } else {
        json[node.keys[i]] = std::move(value);
      }
    }
    return true;
  }

  bool refuse(uint8_t opcode) {
    wrong_ = fmt::format("opcode 0x{:02x} builds an object or runs code, and only data is read", opcode);
    return false;
  }

  // Little-endian, as all of pickle's numbers but the float.
  bool read(size_t size, uint64_t& value) {
    if (bytes_.size() - at_ < size) return false;
    value = 0;
    for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(bytes_[at_ + i])} << (8 * i);
    at_ += size;
    return true;
  }

  bool push(Json scalar) {
    stack_.push_back(nodes_.size());
    nodes_.push_back({std::move(scalar), false, false, {}, {}});
    return true;
  }

  bool push_container(bool is_list) {
    push(nullptr);
    (is_list ? nodes_.back().is_list : nodes_.back().is_dictionary) = true;
    return true;
  }

  bool push_number(size_t size, bool is_signed) {
    uint64_t value = 0;
    if (!read(size, value)) return false;
    if (is_signed && size == 4) return push(static_cast<int64_t>(static_cast<int32_t>(value)));
    return push(value);
  }

  // Two's complement of any length; nothing in a capture needs more than 64 bits and a sign.
  bool push_long(size_t size_bytes) {
    uint64_t size = 0, value = 0;
    if (!read(size_bytes, size) || size > 9 || bytes_.size() - at_ < size) return false;
    if (size == 9 && bytes_[at_ + 8] != 0) return false;
    const bool negative = size > 0 && size <= 8 && static_cast<uint8_t>(bytes_[at_ + size - 1]) >= 0x80;
    if (!read(std::min<uint64_t>(size, 8), value)) return false;
    if (size == 9) ++at_;
    if (!negative) return push(value);
    if (size < 8) value |= ~uint64_t{0} << (8 * size);
    return push(static_cast<int64_t>(value));
  }

  bool push_float() {
    if (bytes_.size() - at_ < sizeof(uint64_t)) return false;
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof bits; ++i) bits = bits << 8 | static_cast<uint8_t>(bytes_[at_ + i]);
    at_ += sizeof bits;
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return push(value);
  }

  bool push_text(size_t size_bytes) {
    uint64_t size = 0;
    if (!read(size_bytes, size) || bytes_.size() - at_ < size) return false;
    std::string text(bytes_.substr(at_, size));
    at_ += size;
    for (char& c : text) {
      if (static_cast<uint8_t>(c) >= 0x80) c = '?';  // names that are shown; Json wants UTF-8
    }
    return push(std::move(text));
  }

  bool take(size_t count, Indices& taken) {
    if (stack_.size() < count || (!marks_.empty() && stack_.size() - count < marks_.back())) return false;
    taken.assign(stack_.end() - static_cast<ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return true;
  }

  // What lies above the last mark.
  bool take_to_mark(Indices& taken) {
    if (marks_.empty() || marks_.back() > stack_.size()) return false;
    const size_t mark = marks_.back();
    marks_.pop_back();
    return take(stack_.size() - mark, taken);
  }

  bool append(const Indices& values) {
    if (stack_.empty() || !nodes_[stack_.back()].is_list) return false;
    Indices& list = nodes_[stack_.back()].values;
    list.insert(list.end(), values.begin(), values.end());
    return true;
  }

  bool set(const Indices& values) {
    if (stack_.empty() || !nodes_[stack_.back()].is_dictionary || values.size() % 2 != 0) return false;
    Node& dictionary = nodes_[stack_.back()];
    for (size_t i = 0; i < values.size(); i += 2) {
      const Json& key = nodes_[values[i]].scalar;
      if (!key.is_string() && !key.is_number()) return false;
      dictionary.keys.push_back(key.is_string() ? key.get<std::string>() : key.dump());
      dictionary.values.push_back(values[i + 1]);
    }
    return true;
  }

  bool make_tuple(const Indices& values) { return push_container(true) && append(values); }

  bool remember(uint64_t place) {
    if (stack_.empty()) return false;
    memo_[place] = stack_.back();
    return true;
  }

  bool fetch(uint64_t place) {
    const auto known = memo_.find(place);
    if (known == memo_.end()) return false;
    stack_.push_back(known->second);
    return true;
  }

  bool step(uint8_t opcode) {
    uint64_t number = 0;
    switch (opcode) {
      case 0x80:  // PROTO
        return read(1, number) && number >= 2 && number <= 5;
      case 0x95:  // FRAME
        return read(8, number);
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case 'q':
        return read(1, number) && remember(number);
      case 'r':
        return read(4, number) && remember(number);
      case 0x94:  // MEMOIZE
        return remember(memo_.size());
      case 'h':
        return read(1, number) && fetch(number);
      case 'j':
        return read(4, number) && fetch(number);
      default:
        return push_scalar(opcode) || (wrong_.empty() && build(opcode));
    }
  }

  // False where the opcode is no scalar; then nothing was read, or wrong_ says what it lacks.
  bool push_scalar(uint8_t opcode) {
    const auto done = [&](bool pushed) {
      if (!pushed) wrong_ = "a value is cut short or too large";
      return pushed;
    };
    switch (opcode) {
      case 'N':
        return push(nullptr);
      case 0x88:
      case 0x89:
        return push(opcode == 0x88);
      case 'K':
        return done(push_number(1, false));
      case 'M':
        return done(push_number(2, false));
      case 'J':
        return done(push_number(4, true));
      case 0x8a:
        return done(push_long(1));
      case 0x8b:
        return done(push_long(4));
      case 'G':
        return done(push_float());
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING
        return done(push_text(4));
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING
        return done(push_text(1));
      case 0x8d:
        return done(push_text(8));
      default:
        return false;
    }
  }

  bool build(uint8_t opcode) {
    Indices values;
    switch (opcode) {
      case '}':
        return push_container(false);
      case ']':
      case ')':
        return push_container(true);
      case 'a':
        return take(1, values) && append(values);
      case 'e':
        return take_to_mark(values) && append(values);
      case 's':
        return take(2, values) && set(values);
      case 'u':
        return take_to_mark(values) && set(values);
      case 't':
        return take_to_mark(values) && make_tuple(values);
      case 0x85:
      case 0x86:
      case 0x87:
        return take(opcode - 0x84U, values) && make_tuple(values);
      default:
        return refuse(opcode);
    }
  }

  std::string_view bytes_;
  size_t at_ = 0;
  std::vector<Node> nodes_;
  Indices stack_;
  std::vector<size_t> marks_;  // sizes of the stack
  std::map<uint64_t, Index> memo_;
  size_t unfolded_ = 0;
  std::string wrong_;
};

}  // namespace

bool looks_like_pickle(std::string_view head) {
  return head.size() >= 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
}

tl::expected<Json, std::string> decode_pickle(std::string_view bytes) {
  return Machine(bytes).run();
}

}  // namespace railyard::trace
