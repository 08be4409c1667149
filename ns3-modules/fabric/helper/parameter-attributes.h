// SPDX-License-Identifier: GPL-2.0-only
// ns-3 Attributes from the rows of a settings struct, so that no parameter is declared twice.
#pragma once

#include "parameter-value.h"

#include "traffic/parameter/parameter.h"

#include "ns3/object-base.h"
#include "ns3/type-id.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/// One Attribute, and where its row lies in settings of this type.
template <class Settings>
struct AttributeRow
{
    std::string name; ///< "green_min_threshold"
    std::function<railyard::BoundParameter(Settings&)> bind;
};

/// Of a settings struct with rows, which must live as long as the program.
template <class Settings>
std::vector<AttributeRow<Settings>>
AttributeRowsOf()
{
    std::vector<AttributeRow<Settings>> rows;
    for (const railyard::Parameter<Settings>& row :
         parameters_of(static_cast<const Settings*>(nullptr)))
    {
        rows.push_back({std::string(row.name),
                        [&row](Settings& of) { return railyard::BoundParameter(row, of); }});
    }
    return rows;
}

/// Reads and writes one row of the settings that an object holds.
template <class Owner, class Settings>
class ParameterAccessor : public AttributeAccessor
{
  public:
    ParameterAccessor(AttributeRow<Settings> row, Settings Owner::*settings)
        : m_row(std::move(row)),
          m_settings(settings)
    {
    }

    bool Set(ObjectBase* object, const AttributeValue& value) const override
    {
        auto* owner = dynamic_cast<Owner*>(object);
        if (owner == nullptr)
        {
            return false;
        }
        const railyard::BoundParameter bound = m_row.bind(owner->*m_settings);
        const auto text = ParameterText(value, bound.kind());
        if (!text)
        {
            return false;
        }
        if (owner->IsLaidOut())
        {
            ReportBadValue(ParameterPlace(Owner::GetTypeId(), m_row.name),
                           "the fabric is laid out already: set it before the run starts");
            return false;
        }
        return bound.set(*text).has_value();
    }

    bool Get(const ObjectBase* object, AttributeValue& value) const override
    {
        const auto* owner = dynamic_cast<const Owner*>(object);
        if (owner == nullptr)
        {
            return false;
        }
        Settings copy = owner->*m_settings;
        return CopyParameterValue(*ToAttributeValue(m_row.bind(copy)), value);
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
    AttributeRow<Settings> m_row;
    Settings Owner::*m_settings;
};

template <class Settings>
ParameterChecker::Row
CheckedRow(TypeId tid, const AttributeRow<Settings>& row)
{
    Settings defaults{};
    const railyard::BoundParameter bound = row.bind(defaults);
    ParameterChecker::Row checked;
    checked.place = ParameterPlace(tid, row.name);
    checked.kind = bound.kind();
    checked.range = bound.range();
    checked.create = [row]
    {
        Settings fresh{};
        return ToAttributeValue(row.bind(fresh));
    };
    checked.print = [row](std::string_view text)
    {
        Settings read{};
        const railyard::BoundParameter parameter = row.bind(read);
        return parameter.set(text) ? parameter.text() : std::string(text);
    };
    checked.parse = [row](std::string_view text)
    {
        Settings read{};
        const railyard::BoundParameter parameter = row.bind(read);
        return parameter.set(text).map([&] { return ToAttributeValue(parameter); });
    };
    return checked;
}

/**
 * Gives `tid`, the type of Owner, an Attribute for each of these rows of the settings in its
 * member.
 *
 * Owner has `bool IsLaidOut() const`: from then on its settings have no effect any more, and
 * setting one is an error rather than silence.
 */
template <class Owner, class Settings>
void
AddParameterAttributes(TypeId tid,
                       Settings Owner::*settings,
                       const std::vector<AttributeRow<Settings>>& rows)
{
    for (const AttributeRow<Settings>& row : rows)
    {
        Settings defaults{};
        const railyard::BoundParameter bound = row.bind(defaults);
        tid.AddAttribute(AttributeNameOf(row.name),
                         AttributeHelp(bound.help, bound.source),
                         *ToAttributeValue(bound),
                         Create<ParameterAccessor<Owner, Settings>>(row, settings),
                         Create<ParameterChecker>(CheckedRow(tid, row)));
    }
}

/// The same for all rows of a settings struct.
template <class Owner, class Settings>
void
AddParameterAttributes(TypeId tid, Settings Owner::*settings)
{
    AddParameterAttributes(tid, settings, AttributeRowsOf<Settings>());
}

} // namespace ns3
