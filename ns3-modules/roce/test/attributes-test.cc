// SPDX-License-Identifier: GPL-2.0-only
// Each row of the settings is an Attribute, with the row's default, checks and errors.
#include "roce-test.h"

#include "ns3-modules/roce/helper/parameter-attributes.h"
#include "traffic/fabric/fabric_parameters.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/integer.h"
#include "ns3/pointer.h"

#include <gmock/gmock.h>
#include <tuple>

namespace ns3
{
namespace
{

using testing::HasSubstr;

template <class OwnerType, class SettingsType>
struct Pair
{
    using Owner = OwnerType;
    using Settings = SettingsType;
};

template <class P>
class AttributesOf : public testing::Test
{
  protected:
    using Owner = typename P::Owner;
    using Settings = typename P::Settings;

    const std::vector<railyard::Parameter<Settings>>& rows =
        parameters_of(static_cast<const Settings*>(nullptr));
    Simulation simulation;
};

using Pairs = testing::Types<Pair<RoceNetwork, railyard::FabricSettings>,
                             Pair<RoceSwitch, railyard::SwitchSettings>,
                             Pair<RoceSwitch, railyard::QosMaps>,
                             Pair<RoceNic, railyard::NicSettings>>;
TYPED_TEST_SUITE(AttributesOf, Pairs);

TYPED_TEST(AttributesOf, RowsHaveTheirNamesDefaultsAndHelp)
{
    typename TypeParam::Settings read{};
    for (const auto& row : this->rows)
    {
        TypeId::AttributeInformation info;
        ASSERT_TRUE(
            TypeParam::Owner::GetTypeId().LookupAttributeByName(AttributeNameOf(row.name), &info))
            << row.name;
        EXPECT_THAT(info.help, HasSubstr(std::string(row.help)));
        const std::string text = info.initialValue->SerializeToString(info.checker);
        ASSERT_TRUE(railyard::set_from_text(row, read, text)) << row.name << ' ' << text;
        EXPECT_EQ(railyard::text_of(row, read),
                  railyard::text_of(row, typename TypeParam::Settings{}))
            << row.name;
    }
}

/// What GetAttribute prints, SetAttribute reads: a configuration that was saved can be loaded.
TYPED_TEST(AttributesOf, RowsReadWhatTheyPrint)
{
    const auto object = CreateObject<typename TypeParam::Owner>();
    for (const auto& row : this->rows)
    {
        StringValue before;
        object->GetAttribute(AttributeNameOf(row.name), before);
        EXPECT_TRUE(object->SetAttributeFailSafe(AttributeNameOf(row.name), before)) << row.name;
        EXPECT_TRUE(object->SetAttributeFailSafe(
            AttributeNameOf(row.name),
            StringValue(railyard::text_of(row, typename TypeParam::Settings{}))))
            << row.name;
        StringValue after;
        object->GetAttribute(AttributeNameOf(row.name), after);
        EXPECT_EQ(after.Get(), before.Get());
    }
}

TEST(Attributes, OfEveryAlgorithmBeginWithItsName)
{
    const Simulation simulation;
    const auto nic = CreateObject<RoceNic>();
    railyard::CongestionSettings defaults;
    for (size_t i = 0; i < railyard::congestion_algorithms().size(); ++i)
    {
        const std::string algorithm(railyard::congestion_algorithms()[i].name);
        for (const railyard::BoundParameter& row : defaults.bind(i))
        {
            const std::string name = AttributeNameOf(algorithm + "_" + std::string(row.name));
            StringValue value;
            ASSERT_TRUE(nic->GetAttributeFailSafe(name, value)) << name;
            EXPECT_EQ(value.Get(), row.text()) << name;
            EXPECT_TRUE(nic->SetAttributeFailSafe(name, value)) << name;
        }
    }
}

TEST(Attributes, AreNamedInCamelCase)
{
    EXPECT_EQ(AttributeNameOf("green_min_threshold"), "GreenMinThreshold");
    EXPECT_EQ(AttributeNameOf("k"), "K");
}

TEST(Attributes, TakeTheValueTypesOfNs3)
{
    const Simulation simulation;
    const auto nic = CreateObject<RoceNic>();
    nic->SetAttribute("Mtu", UintegerValue(1024));
    nic->SetAttribute("NicLatency", TimeValue(PicoSeconds(1234)));
    nic->SetAttribute("DcqcnRpgAiRate", DataRateValue(DataRate("25Mbps")));
    nic->SetAttribute("DcqcnClampTgtRate", BooleanValue(false));
    nic->SetAttribute("CongestionControl", StringValue("none"));
    const auto leaf = CreateObject<RoceSwitch>();
    leaf->SetAttribute("DynamicTh", IntegerValue(-3));
    leaf->SetAttribute("GreenDropProbability", DoubleValue(2.5));
    leaf->SetAttribute("Xon", UintegerValue(5000));
    leaf->SetAttribute("PfcEnable", StringValue("3,4"));
    leaf->SetAttribute("DscpToTcMap", StringValue("46:5"));

    const RoceHostSettings host = nic->GetSettings();
    const auto& dcqcn = host.congestion.get<railyard::DcqcnSettings>("dcqcn");
    EXPECT_EQ(host.nics.mtu, 1024u);
    EXPECT_EQ(host.nics.nic_latency, railyard::SimTime{1234});
    EXPECT_EQ(dcqcn.rpg_ai_rate, railyard::BitRate::megabits(25));
    EXPECT_FALSE(dcqcn.clamp_tgt_rate);
    EXPECT_EQ(host.nics.congestion_control, 0u);
    const railyard::SwitchSettings settings = leaf->GetSettings();
    EXPECT_EQ(settings.dynamic_th, -3);
    EXPECT_EQ(settings.green_drop_probability, 2.5);
    EXPECT_EQ(settings.xon, railyard::Bytes{5000});
    EXPECT_EQ(settings.pfc_enable.mask, 0b11000);
    EXPECT_EQ(settings.maps.dscp_to_tc[46], 5);
    EXPECT_EQ(settings.maps.dscp_to_tc[45], 5);
    EXPECT_EQ(settings.maps.dscp_to_tc[26], 3);
}

TEST(Attributes, ReadScenariosTextAndCountBytes)
{
    const Simulation simulation;
    const auto leaf = CreateObject<RoceSwitch>();
    const auto read = [&](const char* name, const char* text)
    {
        StringValue value;
        EXPECT_TRUE(leaf->SetAttributeFailSafe(name, StringValue(text))) << text;
        leaf->GetAttribute(name, value);
        return value.Get();
    };
    EXPECT_EQ(read("GreenMinThreshold", "7kB"), "7kB");
    EXPECT_EQ(read("GreenMinThreshold", "8000"), "8kB");
    EXPECT_EQ(read("PipelineLatency", "1.5us"), "1500ns");
}

TEST(Attributes, FollowConfigSetDefault)
{
    const Simulation simulation;
    Config::SetDefault("ns3::RoceSwitch::GreenMaxThreshold", StringValue("300kB"));
    Config::SetDefault("ns3::RoceNic::AckEvery", UintegerValue(16));
    EXPECT_EQ(CreateObject<RoceSwitch>()->GetSettings().green_max_threshold,
              railyard::Bytes{300'000});
    EXPECT_EQ(CreateObject<RoceNic>()->GetSettings().nics.ack_every, 16u);
}

/// Object, Attribute, value, and what std::cerr says.
struct Mistake
{
    const char* type;
    const char* name;
    Ptr<AttributeValue> value;
    const char* message;
};

TEST(Attributes, SayWhatIsWrongWithAValue)
{
    const Simulation simulation;
    const std::vector<Mistake> mistakes = {
        {"ns3::RoceSwitch",
         "GreenMinThreshold",
         Create<StringValue>("5 potatoes"),
         "ns3::RoceSwitch::GreenMinThreshold: '5 potatoes'"},
        {"ns3::RoceSwitch",
         "DynamicTh",
         Create<IntegerValue>(9),
         "ns3::RoceSwitch::DynamicTh: '9' is out of range: it must be -8 to 7\n"},
        {"ns3::RoceSwitch",
         "Ecn",
         Create<StringValue>("maybe"),
         "ns3::RoceSwitch::Ecn: 'maybe' is neither true nor false\n"},
        {"ns3::RoceSwitch",
         "Ecn",
         Create<PointerValue>(),
         "ns3::RoceSwitch::Ecn: 'a value that is no text, number, time or rate' is neither true "
         "nor "
         "false\n"},
        {"ns3::RoceNic",
         "Mtu",
         Create<UintegerValue>(uint64_t{1} << 40),
         "ns3::RoceNic::Mtu: '1099511627776' is too large\n"},
        {"ns3::RoceNic",
         "CongestionControl",
         Create<StringValue>("dcqnc"),
         "ns3::RoceNic::CongestionControl: 'dcqnc' is not one of none, dcqcn"},
        {"ns3::RoceNic", "NicLatency", Create<StringValue>(""), "ns3::RoceNic::NicLatency: "},
        {"ns3::RoceNetwork",
         "LinkDelay",
         Create<TimeValue>(Seconds(1)),
         "ns3::RoceNetwork::LinkDelay: '1000000000000ps' is out of range: it must be 0ps to "
         "1ms\n"},
    };
    for (const Mistake& mistake : mistakes)
    {
        const Ptr<Object> object = ObjectFactory(mistake.type).Create();
        testing::internal::CaptureStderr();
        EXPECT_FALSE(object->SetAttributeFailSafe(mistake.name, *mistake.value)) << mistake.name;
        EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::StartsWith(mistake.message));
    }
}

TEST(Attributes, ReportAMistakeOnce)
{
    const Simulation simulation;
    const auto nic = CreateObject<RoceNic>();
    testing::internal::CaptureStderr();
    EXPECT_FALSE(nic->SetAttributeFailSafe("Mtu", StringValue("big")));
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "ns3::RoceNic::Mtu: 'big' is not a whole number\n");
}

TEST(Attributes, TheTypesAreKnownByName)
{
    for (const char* name : {"ns3::WindowSimulatorImpl",
                             "ns3::ReferenceSimulatorImpl",
                             "ns3::RoceNetwork",
                             "ns3::RoceNic",
                             "ns3::RoceSwitch"})
    {
        TypeId tid;
        EXPECT_TRUE(TypeId::LookupByNameFailSafe(name, &tid)) << name;
    }
}

} // namespace
} // namespace ns3
