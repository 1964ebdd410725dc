#include "net/http_get.h"

#include <algorithm>
#include <string_view>

#include "net/curl_easy.h"

namespace sseprof {
namespace {

constexpr std::size_t kMostBody = std::size_t{1} << 20;

std::size_t OnBody(char* data, std::size_t, std::size_t size, void* reply) {
  std::string& body = static_cast<HttpReply*>(reply)->body;
  body.append(data, std::min(size, kMostBody - std::min(kMostBody, body.size())));
  return size;
}

std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* head) {
  bool chunked = false;
  ReadHeadLine({data, size}, *static_cast<ResponseHead*>(head), chunked);
  return size;
}

}  // namespace

HttpReply HttpGet(const CurlOptions& options, const std::string& url) {
  const EasyHandle easy = NewEasy(options);
  HeaderList headers = CommonHeaders(options);
  AppendHeader(headers, "Accept: application/json");
  HttpReply reply;
  ResponseHead head;
  CURL* e = easy.get();
  curl_easy_setopt(e, CURLOPT_URL, url.c_str());
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, &head);
  curl_easy_setopt(e, CURLOPT_TIMEOUT, 10L);
  const CURLcode code = curl_easy_perform(e);
  if (code != CURLE_OK) reply.error = curl_easy_strerror(code);
  reply.status = head.status;
  reply.server = head.server;
  return reply;
}

}  // namespace sseprof
