// SPDX-License-Identifier: GPL-2.0-only
// ns-3 Attributes from the rows of a settings struct, so that no parameter is declared twice.
#pragma once

#include "parameter-value.h"

#include "traffic/parameter/parameter.h"

#include "ns3/object-base.h"
#include "ns3/type-id.h"

#include <string>
#include <type_traits>
#include <variant>

namespace ns3
{

/// A field's value as its Attribute holds it: of the ns-3 type that is natural for the field, or
/// the row's text for a choice, a set of priorities and a map.
template <class Settings>
Ptr<AttributeValue>
ToAttributeValue(const railyard::Parameter<Settings>& row, const Settings& settings)
{
    return std::visit(
        [&](auto member) -> Ptr<AttributeValue>
        {
            using Field = std::decay_t<decltype(settings.*member)>;
            if constexpr (HAS_NATURAL_VALUE<Field>)
            {
                if (row.choices.empty())
                {
                    return MakeParameterValue(settings.*member);
                }
            }
            return MakeParameterValue(railyard::text_of(row, settings));
        },
        row.field);
}

/// Reads and writes one row of the settings that an object holds.
template <class Owner, class Settings>
class ParameterAccessor : public AttributeAccessor
{
  public:
    ParameterAccessor(const railyard::Parameter<Settings>& row, Settings Owner::*settings)
        : m_row(row),
          m_settings(settings)
    {
    }

    bool Set(ObjectBase* object, const AttributeValue& value) const override
    {
        auto* owner = dynamic_cast<Owner*>(object);
        const auto text = ParameterText(value, railyard::kind_of(m_row));
        if (owner == nullptr || !text)
        {
            return false;
        }
        if (owner->IsLaidOut())
        {
            ReportBadValue(ParameterPlace(Owner::GetTypeId(), m_row.name),
                           "the fabric is laid out already: set it before the run starts");
            return false;
        }
        return railyard::set_from_text(m_row, owner->*m_settings, *text).has_value();
    }

    bool Get(const ObjectBase* object, AttributeValue& value) const override
    {
        const auto* owner = dynamic_cast<const Owner*>(object);
        return owner != nullptr &&
               CopyParameterValue(*ToAttributeValue(m_row, owner->*m_settings), value);
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
    const railyard::Parameter<Settings>& m_row;
    Settings Owner::*m_settings;
};

/**
 * Gives `tid`, the type of Owner, an Attribute for each row of the settings in its member.
 *
 * The rows must live as long as the program. Owner has `bool IsLaidOut() const`: from then on its
 * settings have no effect any more, and setting one is an error rather than silence.
 */
template <class Owner, class Settings>
void
AddParameterAttributes(TypeId tid, Settings Owner::*settings)
{
    const Settings defaults{};
    for (const railyard::Parameter<Settings>& row :
         parameters_of(static_cast<const Settings*>(nullptr)))
    {
        Settings scratch{};
        ParameterChecker::Row checked;
        checked.place = ParameterPlace(tid, row.name);
        checked.kind = railyard::kind_of(row);
        checked.range = railyard::BoundParameter(row, scratch).range();
        checked.create = [&row] { return ToAttributeValue(row, Settings{}); };
        checked.print = [&row](std::string_view text)
        {
            Settings read{};
            return railyard::set_from_text(row, read, text) ? railyard::text_of(row, read)
                                                            : std::string(text);
        };
        checked.parse = [&row](std::string_view text)
        {
            Settings read{};
            return railyard::set_from_text(row, read, text)
                .map([&] { return ToAttributeValue(row, read); });
        };
        tid.AddAttribute(AttributeNameOf(row.name),
                         AttributeHelp(row.help, row.source),
                         *ToAttributeValue(row, defaults),
                         Create<ParameterAccessor<Owner, Settings>>(row, settings),
                         Create<ParameterChecker>(std::move(checked)));
    }
}

} // namespace ns3
