// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using control::Message;
using testing::HasSubstr;

// Two authorities, and certificates for localhost and for another host, made afresh with openssl(1).
class TlsSession : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::path(testing::TempDir()) / fmt::format("railyard-tls-{}", getpid());
    std::filesystem::create_directories(folder_);
    for (const char* authority : {"ca", "other-ca"})
      openssl(
          fmt::format("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {0}.key "
                      "-out {0}.pem -subj /CN={0} -days 2",
                      authority));
    certify("lab", "ca", "DNS:localhost,IP:127.0.0.1");
    certify("elsewhere", "ca", "DNS:elsewhere.example");
    certify("stranger", "other-ca", "DNS:localhost,IP:127.0.0.1");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static TlsFiles files(const std::string& name) {
    const auto path = [](const std::string& file) { return (folder_ / file).string(); };
    return {path(name + ".pem"), path(name + ".key"), path("ca.pem")};
  }
  std::unique_ptr<PlayerServer> serve(const std::string& certificate) {
    SessionOptions options = options_for(0);
    options.tls = files(certificate);
    return PlayerServer::listen(options, player_).value();
  }
  static auto connect(const PlayerServer& server, const std::string& certificate) {
    SessionOptions options = options_for(server.port());
    if (!certificate.empty()) options.tls = files(certificate);
    options.connect_timeout = 1s;
    return PlayerClient::connect(options);
  }

  ScriptedPlayer player_{[](const Message& message, const MessageSink& reply) {
    Message prepared;
    prepared.mutable_prepared()->add_warnings(message.prepare().plan().jobs(0).trace());
    reply(prepared);
  }};

 private:
  static void openssl(const std::string& arguments) {
    const std::string command = fmt::format("cd {} && openssl {} 2>openssl.log", folder_.string(), arguments);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  static void certify(const std::string& name, const std::string& authority, const std::string& names) {
    openssl(
        fmt::format("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {0}.key "
                    "-out {0}.csr -subj /CN={0} -addext subjectAltName={1}",
                    name, names));
    openssl(
        fmt::format("x509 -req -in {0}.csr -CA {1}.pem -CAkey {1}.key -CAcreateserial -out {0}.pem "
                    "-days 2 -copy_extensions copy",
                    name, authority));
  }
  static std::filesystem::path folder_;
};
std::filesystem::path TlsSession::folder_;

TEST_F(TlsSession, MessagesPassWhereBothEndsAreCertified) {
  const auto server = serve("lab");
  const auto client = connect(*server, "lab");
  ASSERT_TRUE(client) << client.error().what;
  const std::string bulk(8 << 20, 't');
  Message message;
  message.mutable_prepare()->mutable_plan()->add_jobs()->set_trace(bulk);
  (*client)->send(message);
  const auto answer = (*client)->answer(Message::kPrepared, 20s);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_TRUE(answer->prepared().warnings(0) == bulk);
  EXPECT_TRUE((*client)->measure_clock(4));
}

TEST_F(TlsSession, AControllerOfAnotherAuthorityIsRefused) {
  const auto server = serve("lab");
  EXPECT_FALSE(connect(*server, "stranger"));
  EXPECT_TRUE(connect(*server, "lab"));
}

TEST_F(TlsSession, APlayerOfAnotherAuthorityIsNotTrusted) {
  const auto client = connect(*serve("stranger"), "lab");
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("certificate verify failed"));
}

TEST_F(TlsSession, ACertificateForAnotherHostIsNotTrusted) {
  const auto client = connect(*serve("elsewhere"), "lab");
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("certificate verify failed"));
}

TEST_F(TlsSession, TlsAtOneEndOnlyIsSaid) {
  const auto server = serve("lab");
  const auto plain = connect(*server, "");
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().what, HasSubstr("is TLS on at one end only"));
  const auto plain_server = PlayerServer::listen(options_for(0), player_).value();
  const auto client = connect(*plain_server, "lab");
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("is TLS on at one end only"));
}

TEST_F(TlsSession, FilesThatCannotBeUsedAreNamed) {
  SessionOptions options = options_for(0);
  options.tls = files("nobody");
  EXPECT_THAT(PlayerServer::listen(options, player_).error(),
              testing::AllOf(HasSubstr("--tls-cert"), HasSubstr("nobody.pem")));
  options.tls = {files("lab").certificate, "", ""};
  EXPECT_THAT(PlayerServer::listen(options, player_).error(), HasSubstr("TLS wants all three"));
}

}  // namespace
}  // namespace railyard::lab
