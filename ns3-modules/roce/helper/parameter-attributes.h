// SPDX-License-Identifier: GPL-2.0-only
// ns-3 Attributes from the rows of a settings struct, so that no parameter is declared twice.
#pragma once

#include "traffic/parameter/parameter.h"

#include "ns3/object-base.h"
#include "ns3/type-id.h"

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <type_traits>

namespace ns3
{

/// "green_min_threshold" -> "GreenMinThreshold".
std::string AttributeNameOf(std::string_view parameter);

/// A row as an Attribute: of text, as in a scenario ("5kB", "100Gbps"), but ns-3's values of
/// numbers, times and rates can be set too.
struct ParameterAttribute
{
    using Result = tl::expected<void, std::string>;

    std::string name;  ///< "GreenMinThreshold"
    std::string place; ///< "ns3::RoceSwitch::" before it: errors begin so
    railyard::ParameterKind kind;
    std::string range;
    std::function<Result(std::string_view)> check; ///< whether the row accepts a text
    std::function<Result(ObjectBase&, std::string_view)> set;
    std::function<std::string(const ObjectBase&)> get;
};

/// \param defaults the row, bound to settings as they are when nothing was set
void AddParameterAttribute(TypeId tid,
                           const railyard::BoundParameter& defaults,
                           ParameterAttribute attribute);

/**
 * Gives `tid`, the type of Owner, an Attribute for a row of the settings in its member; `bind`
 * binds the row to settings of the member's type.
 *
 * Owner has `bool IsLaidOut() const`: from then on its settings have no effect any more, and
 * setting one is an error rather than silence.
 */
template <class Owner, class Settings, class Bind>
void
AddParameterAttribute(TypeId tid, std::string_view name, Settings Owner::*settings, Bind bind)
{
    ParameterAttribute attribute;
    attribute.name = AttributeNameOf(name);
    attribute.check = [bind](std::string_view text)
    {
        Settings scratch{};
        return bind(scratch).set(text);
    };
    attribute.set = [bind, settings](ObjectBase& object, std::string_view text)
    {
        auto& owner = dynamic_cast<Owner&>(object);
        return owner.IsLaidOut()
                   ? tl::make_unexpected(
                         "the fabric is laid out already: set it before the run starts")
                   : bind(owner.*settings).set(text);
    };
    attribute.get = [bind, settings](const ObjectBase& object)
    {
        Settings copy = dynamic_cast<const Owner&>(object).*settings;
        return bind(copy).text();
    };
    Settings defaults{};
    AddParameterAttribute(tid, bind(defaults), attribute);
}

/// The same for all rows of a settings struct.
template <class Owner, class Settings>
void
AddParameterAttributes(TypeId tid, Settings Owner::*settings)
{
    for (const auto& row : parameters_of(static_cast<const Settings*>(nullptr)))
    {
        AddParameterAttribute(tid,
                              row.name,
                              settings,
                              [&row](Settings& of) { return railyard::BoundParameter(row, of); });
    }
}

} // namespace ns3
