#include "flood_answer.h"

#include <fmt/format.h>

namespace flood {
namespace {

constexpr std::string_view kEvent =
    R"(data: {{"id":"chatcmpl-5f0c1c7e9a4b4d0d8c53a7a1","object":"chat.completion.chunk",)"
    R"("created":1766361600,"model":"flood","choices":[{}]{}}})"
    "\n\n";

std::string Choice(std::string_view delta, std::string_view finish_reason) {
  return fmt::format(
      R"({{"index":0,"delta":{{{}}},"logprobs":null,"finish_reason":{},"token_ids":null}})", delta,
      finish_reason);
}

}  // namespace

Answer MakeStream(long tokens, int events_per_send) {
  std::vector<std::string> events;
  const auto add = [&](std::string_view choice, std::string_view usage) {
    events.push_back(fmt::format(fmt::runtime(kEvent), choice, usage));
  };
  add(Choice(R"("role":"assistant","content":"")", "null"), "");
  for (long i = 0; i < tokens; ++i) add(Choice(R"("content":" token")", "null"), "");
  add(Choice(R"("content":"")", R"("length","stop_reason":null)"), "");
  add("", fmt::format(R"(,"usage":{{"prompt_tokens":16,"total_tokens":{},"completion_tokens":{}}})",
                      tokens + 16, tokens));
  events.emplace_back("data: [DONE]\n\n");

  Answer answer{
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      {}};
  for (std::size_t i = 0; i < events.size(); ++i) {
    answer.bytes += fmt::format("{:x}\r\n{}\r\n", events[i].size(), events[i]);
    if ((i + 1) % events_per_send == 0) answer.sends.push_back(answer.bytes.size());
  }
  answer.bytes += "0\r\n\r\n";
  if (events.size() % events_per_send == 0) answer.sends.pop_back();
  answer.sends.push_back(answer.bytes.size());
  return answer;
}

Answer MakeJson(std::string_view status, std::string_view json) {
  Answer answer{fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\n"
                            "Content-Length: {}\r\n\r\n{}",
                            status, json.size(), json),
                {}};
  answer.sends.push_back(answer.bytes.size());
  return answer;
}

}  // namespace flood
