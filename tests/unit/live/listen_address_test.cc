#include "live/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sseprof/error.h"
#include "unit/net/raw_server.h"

namespace sseprof::listen_address_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class Function>
std::string Complaint(Function&& function) {
  try {
    function();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

std::string ParseComplaint(const std::string& text) {
  return Complaint([&] { ParseListenAddress(text); });
}

TEST(ListenAddressTest, ReadsAddressesOfEachKind) {
  struct Case {
    std::string text, host, shown;
    int port;
  };
  const Case cases[] = {{"127.0.0.1:9464", "127.0.0.1", "127.0.0.1:9464", 9464},
                        {"0.0.0.0:0", "0.0.0.0", "0.0.0.0:0", 0},
                        {"192.168.1.7:65535", "192.168.1.7", "192.168.1.7:65535", 65535},
                        {"localhost:80", "127.0.0.1", "127.0.0.1:80", 80}};
  for (const Case& test : cases) {
    const ListenAddress address = ParseListenAddress(test.text);
    EXPECT_EQ(address.host, test.host) << test.text;
    EXPECT_EQ(address.port, test.port) << test.text;
    EXPECT_EQ(address.Text(), test.shown) << test.text;
  }
}

TEST(ListenAddressTest, WithoutAPortItSaysHowToGiveOne) {
  for (const std::string text : {"", "9464", "127.0.0.1", "localhost"}) {
    EXPECT_THAT(ParseComplaint(text), HasSubstr("'" + text + "' has no port")) << text;
  }
}

TEST(ListenAddressTest, APortMustBeANumberThatExists) {
  for (const char* text : {"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:80x", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1: 80", "127.0.0.1:99999999999", "[::1]"}) {
    EXPECT_THAT(ParseComplaint(text), HasSubstr("must be a number from 0 to 65535")) << text;
  }
}

TEST(ListenAddressTest, AHostMustBeAnAddress) {
  for (const char* text : {":9464", "example.com:9464", "256.0.0.1:1", "127.0.0.1.5:1", "::1:9464",
                           "[127.0.0.1]:80", "[::1:80", "::1]:80", "[]:80", "[localhost]:80",
                           "[::1]:80", "http://127.0.0.1:80", " 127.0.0.1:80", "[::g]:1"}) {
    EXPECT_THAT(ParseComplaint(text), HasSubstr("must be an")) << text;
  }
}

TEST(ListenAddressTest, KnowsWhatOnlyThisMachineCanReach) {
  for (const char* text : {"127.0.0.1:1", "127.8.9.1:1", "localhost:1"}) {
    EXPECT_TRUE(ParseListenAddress(text).is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "12.7.0.1:1", "128.0.0.1:1"}) {
    EXPECT_FALSE(ParseListenAddress(text).is_loopback()) << text;
  }
}

TEST(ListenAddressTest, AFreePortCanBeListenedAtAndIsFreeAfterwards) {
  const ListenAddress any = {.host = "127.0.0.1", .port = 0};
  CheckListenAddress(any);
  CheckListenAddress(any);
}

TEST(ListenAddressTest, ATakenPortIsRefusedWithTheReason) {
  ListenAddress taken = {.host = "127.0.0.1"};
  {
    const RawServer server;
    taken.port = server.port();
    EXPECT_EQ(Complaint([&] { CheckListenAddress(taken); }),
              "cannot listen on " + taken.Text() +
                  ": Address already in use: stop what listens there, or take another port");
  }
  EXPECT_EQ(Complaint([&] { CheckListenAddress(taken); }), "");
}

TEST(ListenAddressTest, AKnockIsHeardByWhoeverListens) {
  ListenAddress address = {.host = "127.0.0.1"};
  {
    RawServer server;
    address.port = server.port();
    EXPECT_FALSE(server.Waiting());
    Knock(address);
    EXPECT_TRUE(server.Waiting());
  }
  Knock(address);  // nobody is there
}

TEST(ListenAddressTest, AnAddressOfAnotherMachineIsRefused) {
  // 192.0.2.0/24 is for documentation.
  const std::string complaint =
      Complaint([] { CheckListenAddress({.host = "192.0.2.1", .port = 0}); });
  EXPECT_THAT(complaint, StartsWith("cannot listen on 192.0.2.1:0: "));
  EXPECT_THAT(complaint, HasSubstr("give an address of this machine"));
}

}  // namespace
}  // namespace sseprof::listen_address_test
