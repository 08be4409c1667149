// SPDX-License-Identifier: GPL-2.0-only
#include "parameter-value.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/integer.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <sstream>
#include <type_traits>

namespace ns3
{

using railyard::ParameterKind;

namespace
{

/// A value that reads and prints text as its parameter's row does. ns-3's own types end the program
/// at some mistakes without saying what would be right, and print times with six digits.
template <class Base>
class ParameterValue : public Base
{
  public:
    using Base::Base;

    Ptr<AttributeValue> Copy() const override
    {
        return Create<ParameterValue>(*this);
    }

    std::string SerializeToString(Ptr<const AttributeChecker> checker) const override
    {
        const auto* row = dynamic_cast<const ParameterChecker*>(PeekPointer(checker));
        return row == nullptr ? Base::SerializeToString(checker) : row->Print(*this);
    }

    bool DeserializeFromString(std::string text, Ptr<const AttributeChecker> checker) override
    {
        const auto* row = dynamic_cast<const ParameterChecker*>(PeekPointer(checker));
        const Ptr<AttributeValue> parsed = row == nullptr ? nullptr : row->Parse(text);
        return parsed != nullptr && CopyParameterValue(*parsed, *this);
    }
};

template <class Value>
bool
CopyAs(const AttributeValue& from, AttributeValue& to)
{
    const auto* source = dynamic_cast<const Value*>(&from);
    auto* destination = dynamic_cast<Value*>(&to);
    if (source == nullptr || destination == nullptr)
    {
        return false;
    }
    *destination = *source;
    return true;
}

template <class Value>
std::optional<std::string>
TextAs(const AttributeValue& value, const char* unit = "")
{
    const auto* typed = dynamic_cast<const Value*>(&value);
    if (typed == nullptr)
    {
        return std::nullopt;
    }
    return fmt::format("{}{}", typed->Get(), unit);
}

/// How a row spells what ns-3 spells otherwise; the text itself where there is nothing to change.
std::string
RowSpelling(ParameterKind kind, const std::string& text)
{
    const std::string number = text.substr(text.rfind('+', 0) == 0 ? 1 : 0);
    const bool digits = std::all_of(
        number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    switch (kind)
    {
    case ParameterKind::Bool:
        return text == "1" || text == "t" ? "true" : text == "0" || text == "f" ? "false" : text;
    case ParameterKind::Size:
        return digits ? number + "B" : text;
    case ParameterKind::Rate:
    {
        std::istringstream in(text);
        DataRate rate;
        return in >> rate ? fmt::format("{}bps", rate.GetBitRate()) : text;
    }
    case ParameterKind::Time:
    {
        char* unit = nullptr;
        const double value = std::strtod(number.c_str(), &unit);
        return unit == number.c_str() ? text : fmt::format("{:.15g}{}", value, unit);
    }
    case ParameterKind::Integer:
    case ParameterKind::Real:
        return number;
    default:
        return text;
    }
}

} // namespace

std::string
AttributeNameOf(std::string_view parameter)
{
    std::string name;
    bool atStart = true;
    for (const char c : parameter)
    {
        if (c != '_')
        {
            name += atStart ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        }
        atStart = c == '_';
    }
    return name;
}

std::string
ParameterPlace(TypeId tid, std::string_view parameter)
{
    return tid.GetName() + "::" + AttributeNameOf(parameter);
}

std::string
AttributeHelp(std::string_view help, std::string_view source)
{
    return fmt::format("{} ({})", help, source);
}

void
ReportBadValue(const std::string& place, const std::string& reason)
{
    std::cerr << place << ": " << reason << std::endl;
}

Ptr<AttributeValue>
ToAttributeValue(const railyard::BoundParameter& parameter)
{
    if (!parameter.choices.empty())
    {
        return Create<ParameterValue<StringValue>>(parameter.text());
    }
    return parameter.visit(
        [&](const auto& value) -> Ptr<AttributeValue>
        {
            using Field = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Field, bool>)
            {
                return Create<ParameterValue<BooleanValue>>(value);
            }
            else if constexpr (std::is_same_v<Field, double>)
            {
                return Create<ParameterValue<DoubleValue>>(value);
            }
            else if constexpr (std::is_same_v<Field, railyard::SimTime>)
            {
                return Create<ParameterValue<TimeValue>>(PicoSeconds(value.ps));
            }
            else if constexpr (std::is_same_v<Field, railyard::Bytes>)
            {
                return Create<ParameterValue<UintegerValue>>(value.n);
            }
            else if constexpr (std::is_same_v<Field, railyard::BitRate>)
            {
                return Create<ParameterValue<DataRateValue>>(DataRate(value.bps));
            }
            else if constexpr (std::is_integral_v<Field> && std::is_signed_v<Field>)
            {
                return Create<ParameterValue<IntegerValue>>(value);
            }
            else if constexpr (std::is_integral_v<Field>)
            {
                return Create<ParameterValue<UintegerValue>>(value);
            }
            else
            {
                return Create<ParameterValue<StringValue>>(parameter.text());
            }
        });
}

std::optional<std::string>
ParameterText(const AttributeValue& value, ParameterKind kind)
{
    switch (kind)
    {
    case ParameterKind::Bool:
        return TextAs<BooleanValue>(value);
    case ParameterKind::Integer:
    {
        const auto text = TextAs<UintegerValue>(value);
        return text ? text : TextAs<IntegerValue>(value);
    }
    case ParameterKind::Real:
        return TextAs<DoubleValue>(value);
    case ParameterKind::Size:
        return TextAs<UintegerValue>(value, "B");
    case ParameterKind::Time:
        if (const auto* time = dynamic_cast<const TimeValue*>(&value))
        {
            return fmt::format("{}ps", time->Get().GetPicoSeconds());
        }
        return std::nullopt;
    case ParameterKind::Rate:
        if (const auto* rate = dynamic_cast<const DataRateValue*>(&value))
        {
            return fmt::format("{}bps", rate->Get().GetBitRate());
        }
        return std::nullopt;
    default:
        return TextAs<StringValue>(value);
    }
}

bool
CopyParameterValue(const AttributeValue& from, AttributeValue& to)
{
    return CopyAs<BooleanValue>(from, to) || CopyAs<UintegerValue>(from, to) ||
           CopyAs<IntegerValue>(from, to) || CopyAs<DoubleValue>(from, to) ||
           CopyAs<TimeValue>(from, to) || CopyAs<DataRateValue>(from, to) ||
           CopyAs<StringValue>(from, to);
}

ParameterChecker::ParameterChecker(Row row)
    : m_row(std::move(row))
{
}

Ptr<AttributeValue>
ParameterChecker::Parse(const std::string& text) const
{
    auto parsed = m_row.parse(text);
    if (!parsed)
    {
        if (auto again = m_row.parse(RowSpelling(m_row.kind, text)))
        {
            return *again;
        }
        ReportBadValue(m_row.place, parsed.error());
        return nullptr;
    }
    return *parsed;
}

std::string
ParameterChecker::Print(const AttributeValue& value) const
{
    return m_row.print(ParameterText(value, m_row.kind).value());
}

bool
ParameterChecker::Check(const AttributeValue& value) const
{
    const auto text = ParameterText(value, m_row.kind);
    const bool isString = dynamic_cast<const StringValue*>(&value) != nullptr;
    const auto parsed = text
                            ? m_row.parse(*text)
                            : tl::make_unexpected("it takes a value of type " + GetValueTypeName());
    if (!parsed && !isString) // a string is tried again by CreateValidValue, and reported by Parse
    {
        ReportBadValue(m_row.place, parsed.error());
    }
    return parsed.has_value();
}

std::string
ParameterChecker::GetValueTypeName() const
{
    const Ptr<AttributeValue> value = Create();
    if (DynamicCast<IntegerValue>(value))
    {
        return "ns3::IntegerValue";
    }
    switch (m_row.kind)
    {
    case ParameterKind::Bool:
        return "ns3::BooleanValue";
    case ParameterKind::Integer:
    case ParameterKind::Size:
        return "ns3::UintegerValue";
    case ParameterKind::Real:
        return "ns3::DoubleValue";
    case ParameterKind::Time:
        return "ns3::TimeValue";
    case ParameterKind::Rate:
        return "ns3::DataRateValue";
    default:
        return "ns3::StringValue";
    }
}

bool
ParameterChecker::HasUnderlyingTypeInformation() const
{
    return true;
}

std::string
ParameterChecker::GetUnderlyingTypeInformation() const
{
    const std::string kind(railyard::name_of(m_row.kind));
    return m_row.range.empty() ? kind : kind + " " + m_row.range;
}

Ptr<AttributeValue>
ParameterChecker::Create() const
{
    return m_row.create();
}

bool
ParameterChecker::Copy(const AttributeValue& source, AttributeValue& destination) const
{
    return CopyParameterValue(source, destination);
}

} // namespace ns3
