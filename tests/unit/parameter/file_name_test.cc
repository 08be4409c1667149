// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/file_name.h"

#include <gmock/gmock.h>

namespace railyard {
namespace {

using testing::HasSubstr;

TEST(NameMistake, LetsNamesPass) {
  for (const char* name : {"a", "leaf0", "dcqcn-40G", "th_0.5", "_x"})
    EXPECT_EQ(name_mistake(name), "") << name;
  EXPECT_EQ(name_mistake(std::string(100, 'a')), "");
}

TEST(NameMistake, RefusesWhatIsNoFileNameOrAPath) {
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("../x"),
                                  std::string("/x"), std::string("a/b"), std::string("a\nb"),
                                  std::string("a\0b", 3), std::string("-x"), std::string("\xc3\xa4")})
    EXPECT_THAT(name_mistake(name), HasSubstr("is not a name")) << name;
  EXPECT_THAT(name_mistake(std::string(101, 'a')), HasSubstr("use at most 100"));
}

TEST(PortMistake, RefusesWhatATerminalWouldObey) {
  for (const char* port : {"af_packet:eth1", "0000:3b:00.1", "memif:/run/a b.sock,server"})
    EXPECT_EQ(port_mistake(port), "") << port;
  for (const std::string& port :
       {std::string("tap:\x1b[2J"), std::string("tap:a\nb"), std::string("a\0b", 3)})
    EXPECT_THAT(port_mistake(port), HasSubstr("cannot be printed"));
  EXPECT_THAT(port_mistake(std::string(1'025, 'a')), HasSubstr("use at most 1024"));
}

}  // namespace
}  // namespace railyard
