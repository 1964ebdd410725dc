#include "cli/option_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sseprof/error.h"
#include "unit/temp_dir.h"

namespace sseprof::option_set_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

enum class Color { kRed, kBlue };

struct Fixture {
  OptionSet options{"run", "A command."};
  std::string text = "default";
  int count = 16;
  std::optional<std::int64_t> maybe;
  double ratio = 0.5;
  bool flag = false;
  Nanos wait = seconds{10};
  std::optional<Nanos> limit;
  Color color = Color::kRed;
  std::vector<std::string> list;

  Fixture() {
    options.Group("Main");
    options.Text("--text TEXT", text, "text");
    options.Number("--count N", count, {1, 100}, "count");
    options.Number("--maybe N", maybe, {1}, "maybe");
    options.Number("--ratio R", ratio, {0, 1}, "ratio");
    options.Flag("--flag", flag, "flag");
    options.Duration("--wait TIME", wait, "wait");
    options.Duration("--limit TIME", limit, "limit");
    options.Choice<Color>("--color C", color, {{"red", Color::kRed}, {"blue", Color::kBlue}},
                          "color");
    options.List("--item X", list, "item");
  }

  std::string Complaint(const std::vector<std::string>& args) {
    try {
      options.Parse(args);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};

TEST(OptionSet, KeepsDefaults) {
  Fixture f;
  EXPECT_EQ(f.options.Parse({}), OptionSet::Parsed::kGo);
  EXPECT_EQ(f.text, "default");
  EXPECT_EQ(f.count, 16);
  EXPECT_EQ(f.maybe, std::nullopt);
  EXPECT_EQ(f.wait, seconds{10});
}

TEST(OptionSet, ReadsEveryKind) {
  Fixture f;
  f.options.Parse({"--text", "--odd", "--count=7", "--maybe", "9", "--ratio", "0.25", "--flag",
                   "--wait", "500ms", "--limit", "2", "--color", "blue", "--item", "[a,b]",
                   "--item", "-c"});
  EXPECT_EQ(f.text, "--odd");
  EXPECT_EQ(f.count, 7);
  EXPECT_EQ(f.maybe, 9);
  EXPECT_EQ(f.ratio, 0.25);
  EXPECT_TRUE(f.flag);
  EXPECT_EQ(f.wait, milliseconds{500});
  EXPECT_EQ(f.limit, seconds{2});
  EXPECT_EQ(f.color, Color::kBlue);
  EXPECT_THAT(f.list, ElementsAre("[a,b]", "-c"));
}

TEST(OptionSet, SaysWhatIsWrongWithAValue) {
  const struct {
    std::vector<std::string> args;
    const char* complaint;
  } kRows[] = {
      {{"--count", "0"}, "--count: '0' is not a whole number from 1 to 100"},
      {{"--count", "101"}, "--count: '101' is not a whole number from 1 to 100"},
      {{"--count", "many"}, "--count: 'many' is not a whole number from 1 to 100"},
      {{"--count", "1.5"}, "--count: '1.5' is not a whole number from 1 to 100"},
      {{"--count", ""}, "--count: '' is not a whole number from 1 to 100"},
      {{"--maybe", "-1"}, "--maybe: '-1' is not a whole number of at least 1"},
      {{"--maybe", "99999999999999999999"},
       "--maybe: '99999999999999999999' is not a whole number of at least 1"},
      {{"--ratio", "nan"}, "--ratio: 'nan' is not a number from 0 to 1"},
      {{"--ratio", "2"}, "--ratio: '2' is not a number from 0 to 1"},
      {{"--color", "green"}, "--color: 'green' is not one of red, blue"},
      {{"--text", ""}, "--text: is empty: give it a value or leave it out"},
      {{"--text", "a", "--text", "b"}, "--text: is given more than once"},
  };
  for (const auto& row : kRows) {
    Fixture f;
    EXPECT_EQ(f.Complaint(row.args), row.complaint);
  }
}

TEST(OptionSet, RefusesDurationsThatAreNone) {
  for (const char* text : {"0", "-1", "soon"}) {
    Fixture f;
    EXPECT_THAT(f.Complaint({"--wait", text}), HasSubstr("--wait: '" + std::string(text) + "'"));
  }
}

TEST(OptionSet, PointsToHelpForUnknownArguments) {
  for (const char* argument : {"--unknown", "stray", "-x"}) {
    Fixture f;
    const std::string complaint = f.Complaint({argument});
    EXPECT_THAT(complaint, HasSubstr(argument));
    EXPECT_THAT(complaint, HasSubstr("sseprof run --help"));
    EXPECT_EQ(complaint.find('\n'), std::string::npos);
  }
}

TEST(OptionSet, PointsToHelpForAMissingValue) {
  Fixture f;
  EXPECT_THAT(f.Complaint({"--text"}), HasSubstr("--text"));
}

TEST(OptionSet, TakesTheRestFromItsSectionOfTheConfigFile) {
  Fixture f;
  const std::string path = TempFile(
      "option_set_test.ini",
      "[sim]\nport = 1\n[run]\ntext = \"a # b\"\ncount = 3\nflag = true\nwait = 1m\nitem = x\nitem "
      "= \"[y,z]\"\n");
  f.options.Parse({"--config", path, "--count", "4"});
  EXPECT_EQ(f.text, "a # b");
  EXPECT_EQ(f.count, 4) << "the command line beats the file";
  EXPECT_TRUE(f.flag);
  EXPECT_EQ(f.wait, seconds{60});
  EXPECT_THAT(f.list, ElementsAre("x", "[y,z]"));
}

TEST(OptionSet, ReplacesAListOfTheConfigFile) {
  Fixture f;
  f.options.Parse(
      {"--config", TempFile("option_set_test.ini", "[run]\nitem = x\n"), "--item", "y"});
  EXPECT_THAT(f.list, ElementsAre("y"));
}

TEST(OptionSet, NamesFileAndLineOfWhatIsWrongInTheConfigFile) {
  const struct {
    const char* content;
    const char* complaint;
  } kRows[] = {
      {"[run]\n\nunknown = 1\n", ":3: 'unknown' is no option of run"},
      {"[run]\ncount = 0\n", ":2: count: '0' is not a whole number from 1 to 100"},
      {"[run]\ncount = 1\ncount = 2\n", ":3: count: is given more than once"},
      {"[run]\nflag = yes\n", ":2: flag: 'yes' is not true or false"},
      {"[run]\nconfig = x\n", ":2: 'config' is no option of run"},
      {"[runs]\ncount = 1\n", ":2: [runs] is no command"},
  };
  for (const auto& row : kRows) {
    Fixture f;
    const std::string path = TempFile("option_set_test.ini", row.content);
    EXPECT_THAT(f.Complaint({"--config", path}), HasSubstr(path + row.complaint));
  }
}

TEST(OptionSet, TellsWhatHolds) {
  Fixture f;
  f.options.Parse({"--count", "7", "--item", "a", "--item", "b"});
  EXPECT_THAT(f.options.Effective(),
              ElementsAre(Pair("text", "default"), Pair("count", "7"), Pair("ratio", "0.5"),
                          Pair("flag", "false"), Pair("wait", "10s"), Pair("color", "red"),
                          Pair("item", "a"), Pair("item", "b")));
}

TEST(OptionSet, PrintsAConfigFileThatGivesTheSame) {
  Fixture f;
  testing::internal::CaptureStdout();
  EXPECT_EQ(
      f.options.Parse({"--text", "say \"a # b\"", "--flag", "--wait", "1500us", "--print-config"}),
      OptionSet::Parsed::kDone);
  const std::string printed = testing::internal::GetCapturedStdout();
  Fixture again;
  again.options.Parse({"--config", TempFile("option_set_test.ini", printed)});
  EXPECT_EQ(again.options.Effective(), f.options.Effective());
  EXPECT_EQ(again.text, "say \"a # b\"");
}

TEST(OptionSet, PrintsWhatIsImplied) {
  Fixture f;
  testing::internal::CaptureStdout();
  f.options.Parse({"--print-config"}, [&f] { f.options.Imply("--maybe", "7"); });
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("maybe = \"7\"\n"));
}

TEST(OptionSet, PrintsNoSecrets) {
  OptionSet options("run", "A command.");
  std::string url, prompt;
  std::vector<std::string> headers;
  options.Text("--base-url URL", url, "url");
  options.List("--header H", headers, "header");
  options.Text("--prompt TEXT", prompt, "prompt");
  testing::internal::CaptureStdout();
  options.Parse({"--base-url", "http://u:p@h", "--header", "Key: v", "--prompt", "Tell me",
                 "--print-config"});
  EXPECT_EQ(
      testing::internal::GetCapturedStdout(),
      "[run]\n# base-url = \"http://***@h\"\n# header = \"Key: ***\"\nprompt = \"Tell me\"\n");
}

TEST(OptionSet, PrintsHelpWithTheFirstGroupFirst) {
  Fixture f;
  testing::internal::CaptureStdout();
  EXPECT_EQ(f.options.Parse({"--help"}), OptionSet::Parsed::kDone);
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_LT(help.find("Main:"), help.find("--text TEXT [default]"));
  EXPECT_LT(help.find("--text TEXT"), help.find("--config FILE"));
}

TEST(OptionSet, RequiresItsPositional) {
  OptionSet options("report", "A command.");
  std::string path;
  options.Positional("RECORDS", path, "file");
  EXPECT_THROW(options.Parse({}), UsageError);
  OptionSet again("report", "A command.");
  again.Positional("RECORDS", path, "file");
  again.Parse({"run.jsonl"});
  EXPECT_EQ(path, "run.jsonl");
}

}  // namespace
}  // namespace sseprof::option_set_test
