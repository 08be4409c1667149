// SPDX-License-Identifier: GPL-2.0-only
#include "parameter-attributes.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/integer.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <iostream>
#include <optional>
#include <utility>

namespace ns3
{

namespace
{

template <class Value>
std::optional<std::string>
TextAs(const AttributeValue& value, const char* unit = "")
{
    const auto* typed = dynamic_cast<const Value*>(&value);
    return typed == nullptr ? std::nullopt : std::optional(fmt::format("{}{}", typed->Get(), unit));
}

/// The value as a row reads it. As ns-3 prints them, times and reals have six digits.
std::string
TextOf(const AttributeValue& value)
{
    if (const auto* time = dynamic_cast<const TimeValue*>(&value))
    {
        return fmt::format("{}ps", time->Get().GetPicoSeconds());
    }
    if (const auto* rate = dynamic_cast<const DataRateValue*>(&value))
    {
        return fmt::format("{}bps", rate->Get().GetBitRate());
    }
    for (const auto& text : {TextAs<StringValue>(value),
                             TextAs<BooleanValue>(value),
                             TextAs<UintegerValue>(value),
                             TextAs<IntegerValue>(value),
                             TextAs<DoubleValue>(value)})
    {
        if (text)
        {
            return *text;
        }
    }
    return "a value that is no text, number, time or rate";
}

/// Whether the row takes the value; says why on std::cerr if not, where ns-3's own message names
/// the Attribute alone.
template <class Function>
bool
Read(const ParameterAttribute& attribute, const AttributeValue& value, Function function)
{
    std::string text = TextOf(value);
    const bool isNumber =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (attribute.kind == railyard::ParameterKind::Size && isNumber)
    {
        text += "B"; // as ns-3 counts sizes
    }
    const ParameterAttribute::Result done = function(text);
    if (!done)
    {
        std::cerr << attribute.place << ": " << done.error() << std::endl;
    }
    return done.has_value();
}

class ParameterChecker : public AttributeChecker
{
  public:
    /// What an Attribute holds: text that its row has accepted.
    class Text : public StringValue
    {
      public:
        using StringValue::StringValue;

        Ptr<AttributeValue> Copy() const override
        {
            return ns3::Create<Text>(*this);
        }

        bool DeserializeFromString(std::string text, Ptr<const AttributeChecker> checker) override
        {
            Set(text);
            const auto& row = dynamic_cast<const ParameterChecker&>(*checker).m_attribute;
            return Read(row, *this, row.check);
        }
    };

    explicit ParameterChecker(ParameterAttribute attribute)
        : m_attribute(std::move(attribute))
    {
    }

    bool Check(const AttributeValue& value) const override
    {
        if (dynamic_cast<const StringValue*>(&value) != nullptr)
        {
            // CreateValidValue goes on to have other text read, and checks again.
            return dynamic_cast<const Text*>(&value) != nullptr;
        }
        return Read(m_attribute, value, m_attribute.check);
    }

    std::string GetValueTypeName() const override
    {
        return "ns3::StringValue";
    }

    bool HasUnderlyingTypeInformation() const override
    {
        return true;
    }

    std::string GetUnderlyingTypeInformation() const override
    {
        return fmt::format("{} {}", railyard::name_of(m_attribute.kind), m_attribute.range);
    }

    Ptr<AttributeValue> Create() const override
    {
        return ns3::Create<Text>();
    }

    bool Copy(const AttributeValue& source, AttributeValue& destination) const override
    {
        dynamic_cast<StringValue&>(destination).Set(TextOf(source));
        return true;
    }

  private:
    ParameterAttribute m_attribute;
};

class ParameterAccessor : public AttributeAccessor
{
  public:
    explicit ParameterAccessor(ParameterAttribute attribute)
        : m_attribute(std::move(attribute))
    {
    }

    bool Set(ObjectBase* object, const AttributeValue& value) const override
    {
        return Read(m_attribute,
                    value,
                    [&](const std::string& text) { return m_attribute.set(*object, text); });
    }

    bool Get(const ObjectBase* object, AttributeValue& value) const override
    {
        auto* text = dynamic_cast<StringValue*>(&value);
        if (text != nullptr)
        {
            text->Set(m_attribute.get(*object));
        }
        return text != nullptr;
    }

    bool HasGetter() const override
    {
        return true;
    }

    bool HasSetter() const override
    {
        return true;
    }

  private:
    ParameterAttribute m_attribute;
};

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

void
AddParameterAttribute(TypeId tid,
                      const railyard::BoundParameter& defaults,
                      ParameterAttribute attribute)
{
    attribute.place = tid.GetName() + "::" + attribute.name;
    attribute.kind = defaults.kind();
    attribute.range = defaults.range();
    tid.AddAttribute(attribute.name,
                     fmt::format("{} ({})", defaults.help, defaults.source),
                     ParameterChecker::Text(defaults.text()),
                     Create<ParameterAccessor>(attribute),
                     Create<ParameterChecker>(attribute));
}

} // namespace ns3
