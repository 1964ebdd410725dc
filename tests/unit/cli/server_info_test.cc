#include "cli/server_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sseprof::server_info_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ModelIds, ReadsTheList) {
  EXPECT_THAT(ModelIds(R"({"object":"list","data":[{"id":"a","x":1},{"id":"b"}]})"),
              ElementsAre("a", "b"));
}

TEST(ModelIds, IsEmptyForAnythingElse) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"data":null})", R"({"data":[{"id":1}]})"}) {
    EXPECT_THAT(ModelIds(body), IsEmpty()) << body;
  }
}

TEST(ReadServerInfo, TellsServersApart) {
  const struct {
    int status;
    const char* body;
    const char* header;
    const char* kind;
    const char* version;
  } kRows[] = {
      {200, R"({"version":"0.13.0"})", "uvicorn", "vllm", "0.13.0"},
      {404, R"({"error":{"code":404}})", "llama.cpp", "llama.cpp", ""},
      {404, "", "nginx/1.22", "", ""},  // what stands in front says nothing of the server
      {200, "<html>", "nginx", "", ""},
      {200, R"({"version":{"git":"x"}})", "uvicorn", "", ""},
      {404, R"({"version":"0.13.0"})", "", "", ""},
  };
  for (const auto& row : kRows) {
    const ServerInfo info = ReadServerInfo(row.status, row.body, row.header);
    EXPECT_EQ(info.kind, row.kind) << row.body << row.header;
    EXPECT_EQ(info.version, row.version) << row.body << row.header;
  }
}

}  // namespace
}  // namespace sseprof::server_info_test
