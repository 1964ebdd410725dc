#include "sseprof/prompt_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "load/sha256.h"
#include "sseprof/error.h"

namespace sseprof::prompt_set_test {
namespace {

using ::testing::HasSubstr;

class PromptSetTest : public ::testing::Test {
 protected:
  PromptSetTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("sseprof_prompt_set_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~PromptSetTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

  static std::string Problem(const std::string& path) {
    try {
      PromptSet::FromFile(path);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder_;
};

TEST_F(PromptSetTest, TextIsOneUserMessage) {
  const PromptSet set = PromptSet::FromText("Say \"hi\"\nnow");
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0].messages, R"([{"role":"user","content":"Say \"hi\"\nnow"}])");
  EXPECT_EQ(set[0].max_tokens, std::nullopt);
}

TEST_F(PromptSetTest, TextFileLosesItsTrailingLineEndsAndItsByteOrderMark) {
  const PromptSet set = PromptSet::FromFile(Write("a.txt", "\xEF\xBB\xBF one\ntwo \r\n\n"));
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0].messages, R"([{"role":"user","content":" one\ntwo "}])");
}

TEST_F(PromptSetTest, JsonLinesHoldPromptsAndMessages) {
  const PromptSet set = PromptSet::FromFile(
      Write("a.jsonl",
            "{\"prompt\": \"one\", \"max_tokens\": 7}\r\n"
            "\n"
            "  {\"messages\": [{\"role\": \"system\", \"content\": \"s\"}], \"id\": 4}"));
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(set[0].messages, R"([{"role":"user","content":"one"}])");
  EXPECT_EQ(set[0].max_tokens, 7);
  EXPECT_EQ(set[1].messages, R"([{"role":"system","content":"s"}])");
  EXPECT_EQ(set[1].max_tokens, std::nullopt);
}

TEST_F(PromptSetTest, ErrorsNameFileLineAndRemedy) {
  struct Case {
    std::string name, bytes, where, what;
  };
  const Case cases[] = {
      {"empty.txt", "\n\n", "empty.txt: ", "holds no text"},
      {"empty.jsonl", "\n \n", "empty.jsonl: ", "holds no prompt"},
      {"latin.txt", "one\ntw\xF6\n", "latin.txt:2: ", "not UTF-8"},
      {"latin.jsonl", "{\"prompt\":\"\xFF\"}", "latin.jsonl:1: ", "not UTF-8"},
      {"json.jsonl", "{\"prompt\":\"a\"}\n{\"prompt\":", "json.jsonl:2: ", "is no JSON"},
      {"array.jsonl", "[1]", "array.jsonl:1: ", "is no JSON object"},
      {"none.jsonl", "{\"text\":\"a\"}", "none.jsonl:1: ", "needs one of"},
      {"both.jsonl", "{\"prompt\":\"a\",\"messages\":[{}]}", "both.jsonl:1: ", "needs one of"},
      {"number.jsonl", "{\"prompt\":1}", "number.jsonl:1: ", "`prompt` is no text"},
      {"zero.jsonl", "{\"messages\":[]}", "zero.jsonl:1: ", "no array of messages"},
      {"object.jsonl", "{\"messages\":{\"a\":1}}", "object.jsonl:1: ", "no array of messages"},
      {"words.jsonl", "{\"messages\":[{},\"a\"]}", "words.jsonl:1: ", "message 2 is no object"},
      {"limit.jsonl", "{\"prompt\":\"a\",\"max_tokens\":0}", "limit.jsonl:1: ", "`max_tokens`"},
      {"half.jsonl", "{\"prompt\":\"a\",\"max_tokens\":1.5}", "half.jsonl:1: ", "`max_tokens`"},
  };
  for (const Case& test : cases) {
    const std::string problem = Problem(Write(test.name, test.bytes));
    EXPECT_THAT(problem, HasSubstr(test.where));
    EXPECT_THAT(problem, HasSubstr(test.what));
    EXPECT_THAT(problem, HasSubstr("; ")) << "says no remedy";
    EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
  }
}

TEST_F(PromptSetTest, MissingFileAndFolderAreRefused) {
  EXPECT_THAT(Problem((folder_ / "absent.txt").string()), HasSubstr("No such file"));
  EXPECT_THAT(Problem(folder_.string()), HasSubstr(folder_.string() + ": "));
}

TEST_F(PromptSetTest, ShuffleDependsOnTheSeedAlone) {
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += "{\"prompt\":\"" + std::to_string(i) + "\"}\n";
  const std::string path = Write("ten.jsonl", lines);
  const auto order = [&path](std::uint64_t seed) {
    PromptSet set = PromptSet::FromFile(path);
    set.Shuffle(seed);
    std::string digits;
    for (std::size_t i = 0; i < set.size(); ++i) digits += set[i].messages.at(27);
    return digits;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
  EXPECT_EQ(order(7), "0749312865");
  const std::string shuffled = order(3);
  EXPECT_EQ(std::set<char>(shuffled.begin(), shuffled.end()).size(), 10u);
}

TEST_F(PromptSetTest, ShuffleGivesEveryOrder) {
  const std::string path =
      Write("three.jsonl", "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\"c\"}\n");
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    PromptSet set = PromptSet::FromFile(path);
    set.Shuffle(seed);
    ++seen[set[0].messages + set[1].messages];
  }
  EXPECT_EQ(seen.size(), 6u);
  for (const auto& [order, times] : seen) EXPECT_GT(times, 50) << order;
}

TEST_F(PromptSetTest, HashCoversOrderAndLimits) {
  const auto hash = [this](const std::string& lines) {
    return PromptSet::FromFile(Write("h.jsonl", lines)).Sha256();
  };
  const std::string base = hash("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n");
  EXPECT_EQ(base, hash("{ \"prompt\" : \"a\" }\n\n{\"prompt\":\"b\"}"));
  EXPECT_NE(base, hash("{\"prompt\":\"b\"}\n{\"prompt\":\"a\"}\n"));
  EXPECT_NE(base, hash("{\"prompt\":\"a\"}\n{\"prompt\":\"b\",\"max_tokens\":1}\n"));
  EXPECT_EQ(PromptSet::FromText("a").Sha256(),
            Sha256Hex("[{\"role\":\"user\",\"content\":\"a\"}]\n"));
}

}  // namespace
}  // namespace sseprof::prompt_set_test
