// SPDX-License-Identifier: GPL-2.0-only
// The part of parameter-attributes.h that does not depend on a settings struct.
#pragma once

#include "traffic/parameter/parameter.h"

#include "ns3/attribute.h"
#include "ns3/type-id.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ns3
{

/// "green_min_threshold" -> "GreenMinThreshold".
std::string AttributeNameOf(std::string_view parameter);

/// "ns3::RoceSwitch::GreenMinThreshold": what an error begins with.
std::string ParameterPlace(TypeId tid, std::string_view parameter);

/// "Help (source)".
std::string AttributeHelp(std::string_view help, std::string_view source);

/// ns-3's own message names the Attribute, not the reason: this line goes to std::cerr before it.
void ReportBadValue(const std::string& place, const std::string& reason);

/// A field's value as its Attribute holds it: of the ns-3 type that is natural for the field
/// (BooleanValue, UintegerValue for numbers and bytes, IntegerValue, DoubleValue, TimeValue,
/// DataRateValue), or the row's text for a choice, a set of priorities and a map.
Ptr<AttributeValue> ToAttributeValue(const railyard::BoundParameter& parameter);

/// The value as a row reads it, or nothing where it is of another ns-3 type than the kind's.
std::optional<std::string> ParameterText(const AttributeValue& value, railyard::ParameterKind kind);

/// False where the two are not of one type.
bool CopyParameterValue(const AttributeValue& from, AttributeValue& to);

/**
 * Accepts what the row accepts. Text may be written as in a scenario ("5kB", "100Gbps") or as ns-3
 * writes its own values ("5000", "+100ns").
 */
class ParameterChecker : public AttributeChecker
{
  public:
    struct Row
    {
        std::string place;
        railyard::ParameterKind kind;
        std::string range;
        std::function<Ptr<AttributeValue>()> create; ///< a value of the Attribute's type
        /// How the row prints what it reads from a text.
        std::function<std::string(std::string_view text)> print;
        /// The value that a text of the row's stands for.
        std::function<tl::expected<Ptr<AttributeValue>, std::string>(std::string_view text)> parse;
    };

    explicit ParameterChecker(Row row);

    /// A value of the Attribute's type, as the row prints it.
    std::string Print(const AttributeValue& value) const;

    /// The value that a text stands for; reports the reason and gives nullptr where there is none.
    Ptr<AttributeValue> Parse(const std::string& text) const;

    bool Check(const AttributeValue& value) const override;
    std::string GetValueTypeName() const override;
    bool HasUnderlyingTypeInformation() const override;
    std::string GetUnderlyingTypeInformation() const override;
    Ptr<AttributeValue> Create() const override;
    bool Copy(const AttributeValue& source, AttributeValue& destination) const override;

  private:
    Row m_row;
};

} // namespace ns3
