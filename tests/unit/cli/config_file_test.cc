#include "cli/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sseprof/error.h"

namespace sseprof::config_file_test {
namespace {

std::vector<ConfigEntry> Read(const std::string& text) {
  std::istringstream in(text);
  return ReadConfig(in, "file.ini");
}

std::string Complaint(const std::string& text) {
  try {
    Read(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

std::string OnlyValue(const std::string& value) {
  return Read("[run]\nkey = " + value + "\n").at(0).value;
}

TEST(ConfigFile, ReadsSectionsKeysAndLines) {
  const auto entries =
      Read("# first\n\n[run]\r\nmodel = m\r\n  label=a=b\nlabel = c=d # why\n[ sim ] # x\nport=0");
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].section, "run");
  EXPECT_EQ(entries[0].key, "model");
  EXPECT_EQ(entries[0].value, "m");
  EXPECT_EQ(entries[0].line, 4);
  EXPECT_EQ(entries[1].value, "a=b");
  EXPECT_EQ(entries[2].value, "c=d");
  EXPECT_EQ(entries[3].section, "sim");
  EXPECT_EQ(entries[3].line, 8);
}

TEST(ConfigFile, KeepsWhatStandsInQuotes) {
  EXPECT_EQ(OnlyValue("\"a # b\" # c"), "a # b");
  EXPECT_EQ(OnlyValue("'C:\\n \"#\"'"), "C:\\n \"#\"");
  EXPECT_EQ(OnlyValue(R"("line\n\ttab \"q\" \\")"), "line\n\ttab \"q\" \\");
  EXPECT_EQ(OnlyValue("\"\""), "");
  EXPECT_EQ(OnlyValue("two words"), "two words");
}

TEST(ConfigFile, NamesFileAndLineOfWhatItCannotRead) {
  EXPECT_EQ(Complaint("[run]\nmodel\n"), "file.ini:2: 'model' is no key = value");
  EXPECT_THAT(Complaint("[run]\nmodel =\n"), testing::StartsWith("file.ini:2: "));
  EXPECT_THAT(Complaint("[run]\nmodel = # none\n"), testing::StartsWith("file.ini:2: "));
  EXPECT_THAT(Complaint("[run]\n= 1\n"), testing::StartsWith("file.ini:2: "));
  EXPECT_THAT(Complaint("model = m\n"), testing::StartsWith("file.ini:1: "));
  EXPECT_THAT(Complaint("[run\n"), testing::StartsWith("file.ini:1: "));
  EXPECT_THAT(Complaint("[run] x\n"), testing::StartsWith("file.ini:1: "));
  EXPECT_THAT(Complaint("[run]\na = \"b\n"), testing::StartsWith("file.ini:2: "));
  EXPECT_THAT(Complaint("[run]\na = \"b\" c\n"), testing::StartsWith("file.ini:2: "));
  EXPECT_THAT(Complaint("[run]\na = \"\\x\"\n"), testing::StartsWith("file.ini:2: "));
}

TEST(ConfigFile, WritesWhatItReads) {
  for (const char* value : {"plain", "", "a # b", "say \"hi\"", "back\\slash", "two\nlines\tx"}) {
    const auto entries = Read("[run]\n" + ConfigLine("key", value));
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].value, value);
  }
}

TEST(ConfigFile, ComplainsOfAFileThatIsNotThere) {
  EXPECT_THROW(ReadConfigFile("/nonexistent/x.ini"), UsageError);
  EXPECT_THROW(ReadConfigFile("/"), UsageError);
  EXPECT_TRUE(ReadConfigFile("/dev/null").empty());
}

}  // namespace
}  // namespace sseprof::config_file_test
