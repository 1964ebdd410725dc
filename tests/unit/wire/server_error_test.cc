#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sseprof/chat_chunk.h"
#include "wire/utf8.h"

namespace sseprof::server_error_test {
namespace {

TEST(ServerError, IsReadInEveryShape) {
  struct Row {
    std::string_view says;
    std::string_view body;
    std::string_view message;
    std::string_view code;
  };
  const std::vector<Row> rows = {
      {"an object", R"({"error":{"message":"m","type":"t","param":null,"code":404}})", "m", "404"},
      {"a code of null gives the type", R"({"error":{"message":"m","type":"t","code":null}})", "m",
       "t"},
      {"digits in a text", R"({"error":{"message":"m","type":null,"code":"500"}})", "m", "500"},
      {"an error in an error", R"({"error":{"object":"error","message":"m","code":503}})", "m",
       "503"},
      {"flat", R"({"object":"error","message":"m","type":"T","param":null,"code":400})", "m",
       "400"},
      {"a text", R"({"error":"Unauthorized"})", "Unauthorized", ""},
      {"a text with its type", R"({"error":"busy","error_type":"overloaded"})", "busy",
       "overloaded"},
      {"a detail", R"({"detail":"Not Found"})", "Not Found", ""},
      {"a list of details", R"({"detail": [{"loc":["body","x"],"msg":"no"}]})",
       R"([{"loc":["body","x"],"msg":"no"}])", ""},
      {"a message", R"({"message":"no route"})", "no route", ""},
      {"an object without message", R"({"error":{"code":7}})", R"({"code":7})", "7"},
      {"an unknown object", R"({"status":"bad"})", R"({"status":"bad"})", ""},
      {"no object", "[1]", "[1]", ""},
      {"HTML", "<html>502</html>", "<html>502</html>", ""},
      {"nothing", "", "", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const ServerError error = ReadErrorBody(row.body);
    EXPECT_EQ(error.message, row.message);
    EXPECT_EQ(error.code, row.code);
  }
}

TEST(ServerError, OfAnUnknownBodyTheBeginningIsKept) {
  EXPECT_EQ(ReadErrorBody(std::string(600, 'x')).message, std::string(512, 'x'));
}

TEST(ServerError, NoCharacterIsCutInTwo) {
  for (std::size_t lead = 508; lead <= 512; ++lead) {
    const std::string body = std::string(lead, 'x') + "\xF0\x9F\x9A\x80 tail";
    const std::string whole = lead == 508 ? body.substr(0, 512) : std::string(lead, 'x');
    EXPECT_EQ(ReadErrorBody(body).message, whole) << lead;
  }
}

TEST(ServerError, BadBytesAreReplaced) {
  EXPECT_EQ(ReadErrorBody("a\xFF").message, "a\xEF\xBF\xBD");
  EXPECT_TRUE(IsUtf8(ReadErrorBody(std::string(600, '\x80')).message));
}

}  // namespace
}  // namespace sseprof::server_error_test
