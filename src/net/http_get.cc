#include "net/http_get.h"

#include <string_view>

#include "net/curl_easy.h"

namespace sseprof {
namespace {

struct Body {
  std::string& text;
  std::size_t most;
  bool too_long = false;
};

std::size_t OnBody(char* data, std::size_t, std::size_t size, void* user) {
  Body& body = *static_cast<Body*>(user);
  body.too_long = size > body.most - body.text.size();
  if (body.too_long) return 0;
  body.text.append(data, size);
  return size;
}

std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* head) {
  bool chunked = false;
  ReadHeadLine({data, size}, *static_cast<ResponseHead*>(head), chunked);
  return size;
}

}  // namespace

HttpReply HttpGet(const CurlOptions& options, const std::string& url, const HttpLimits& limits) {
  const EasyHandle easy = NewEasy(options);
  HeaderList headers = CommonHeaders(options);
  AppendHeader(headers, "Accept: application/json, text/plain");
  HttpReply reply;
  Body body{.text = reply.body, .most = limits.body};
  ResponseHead head;
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(limits.timeout).count();
  CURL* e = easy.get();
  curl_easy_setopt(e, CURLOPT_URL, url.c_str());
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, &head);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout));
  const CURLcode code = curl_easy_perform(e);
  if (code != CURLE_OK) reply.error = curl_easy_strerror(code);
  if (body.too_long) reply.error = "it is too long";
  reply.status = head.status;
  reply.server = head.server;
  return reply;
}

}  // namespace sseprof
