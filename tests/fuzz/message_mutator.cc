// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/message_mutator.h"

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "traffic/pattern/trace/trace_file.h"

namespace railyard::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::array<uint64_t, 12> kNumbers = {0,
                                               1,
                                               2,
                                               3,
                                               0xff,
                                               0x10000,
                                               0x7fffffff,
                                               0x80000000,
                                               0xffffffff,
                                               1'000'000'000'000,
                                               std::numeric_limits<int64_t>::max(),
                                               uint64_t{1} << 63};
constexpr std::array<const char*, 16> kTexts = {"",
                                                "0",
                                                "1",
                                                "-1",
                                                "none",
                                                "dcqcn",
                                                "1e308",
                                                "4294967296",
                                                "18446744073709551615",
                                                "1ps",
                                                "9223372036854775807ps",
                                                "1bps",
                                                "18446744073709551615bps",
                                                "512MiB",
                                                "0-63:7",
                                                "0,1,2,3,4,5,6,7"};

uint64_t number(RandomStream& random, uint64_t before) {
  switch (random.below(4)) {
    case 0:
      return before + 1;
    case 1:
      return before - 1;
    case 2:
      return before ^ uint64_t { 1 } << random.below(64);
    default:
      return kNumbers[random.below(kNumbers.size())];
  }
}

std::string bytes(RandomStream& random, const std::string& before) {
  if (auto decoded = trace::decode_trace(before, "fuzz")) {
    mutate(*decoded, random);
    if (auto encoded = trace::encode_trace(*decoded)) return *encoded;
  }
  if (before.empty() || random.below(4) == 0) return kTexts[random.below(kTexts.size())];
  std::string after = before;
  if (random.below(4) == 0) after.resize(random.below(static_cast<uint32_t>(after.size())));
  if (!after.empty()) after[random.below(static_cast<uint32_t>(after.size()))] ^= static_cast<char>(random());
  return after;
}

// Which: of a repeated field; without meaning otherwise.
void change(Message& m, const FieldDescriptor* f, int which, RandomStream& random) {
  const Reflection* r = m.GetReflection();
  const bool repeated = f->is_repeated();
  switch (f->cpp_type()) {
#define RAILYARD_CHANGE(type, Type, value)                                                    \
  {                                                                                           \
    const auto before = repeated ? r->GetRepeated##Type(m, f, which) : r->Get##Type(m, f);    \
    const auto after = static_cast<type>(value);                                              \
    return repeated ? r->SetRepeated##Type(&m, f, which, after) : r->Set##Type(&m, f, after); \
  }
    case FieldDescriptor::CPPTYPE_INT32:
      RAILYARD_CHANGE(int32_t, Int32, number(random, static_cast<uint64_t>(before)))
    case FieldDescriptor::CPPTYPE_INT64:
      RAILYARD_CHANGE(int64_t, Int64, number(random, static_cast<uint64_t>(before)))
    case FieldDescriptor::CPPTYPE_UINT32:
      RAILYARD_CHANGE(uint32_t, UInt32, number(random, before))
    case FieldDescriptor::CPPTYPE_UINT64:
      RAILYARD_CHANGE(uint64_t, UInt64, number(random, before))
    case FieldDescriptor::CPPTYPE_ENUM:
      RAILYARD_CHANGE(int, EnumValue, number(random, static_cast<uint64_t>(before)))
    case FieldDescriptor::CPPTYPE_BOOL:
      RAILYARD_CHANGE(bool, Bool, !before)
    case FieldDescriptor::CPPTYPE_DOUBLE:
      RAILYARD_CHANGE(double, Double, -before)
    case FieldDescriptor::CPPTYPE_FLOAT:
      RAILYARD_CHANGE(float, Float, -before)
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string before = repeated ? r->GetRepeatedString(m, f, which) : r->GetString(m, f);
      std::string after = f->type() == FieldDescriptor::TYPE_BYTES ? bytes(random, before)
                                                                   : kTexts[random.below(kTexts.size())];
      return repeated ? r->SetRepeatedString(&m, f, which, std::move(after))
                      : r->SetString(&m, f, std::move(after));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return mutate(repeated ? *r->MutableRepeatedMessage(&m, f, which) : *r->MutableMessage(&m, f), random);
#undef RAILYARD_CHANGE
  }
}

void add_one(Message& m, const FieldDescriptor* f, RandomStream& random) {
  const Reflection* r = m.GetReflection();
  const int size = r->FieldSize(m, f);
  switch (f->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* added = r->AddMessage(&m, f);
      if (size > 0)
        added->CopyFrom(
            r->GetRepeatedMessage(m, f, static_cast<int>(random.below(static_cast<uint32_t>(size)))));
      return;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return r->AddUInt32(&m, f, static_cast<uint32_t>(number(random, 0)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return r->AddUInt64(&m, f, number(random, 0));
    case FieldDescriptor::CPPTYPE_STRING:
      return r->AddString(&m, f, kTexts[random.below(kTexts.size())]);
    default:
      return;
  }
}

}  // namespace

void mutate(Message& m, RandomStream& random) {
  const auto* type = m.GetDescriptor();
  if (type->field_count() == 0) return;
  const Reflection* r = m.GetReflection();
  std::vector<const FieldDescriptor*> set;
  r->ListFields(m, &set);
  // Mostly what is there already: deep down is more to break.
  const bool any = set.empty() || random.below(8) == 0;
  const FieldDescriptor* f =
      any ? type->field(static_cast<int>(random.below(static_cast<uint32_t>(type->field_count()))))
          : set[random.below(static_cast<uint32_t>(set.size()))];
  const uint32_t act = random.below(8);
  if (act == 0) return r->ClearField(&m, f);
  if (!f->is_repeated()) return change(m, f, 0, random);
  const int size = r->FieldSize(m, f);
  if (size == 0 || act == 1) return add_one(m, f, random);
  if (act == 2) return r->RemoveLast(&m, f);
  if (act == 3)
    return r->SwapElements(&m, f, static_cast<int>(random.below(static_cast<uint32_t>(size))),
                           static_cast<int>(random.below(static_cast<uint32_t>(size))));
  change(m, f, static_cast<int>(random.below(static_cast<uint32_t>(size))), random);
}

}  // namespace railyard::fuzz
