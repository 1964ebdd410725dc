#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "net/curl_transport.h"
#include "sseprof/transport.h"

namespace sseprof {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

struct SlistDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistDeleter>;

/// Thread-safe one-time set-up of libcurl for the process.
void InitCurl();

/// A handle with all that the options say but URL, method and callbacks.
EasyHandle NewEasy(const CurlOptions& options);

/// Appends one header (any text). @throws std::bad_alloc
void AppendHeader(HeaderList& list, const std::string& header);

/// The headers that every request carries: the user's and the bearer token.
HeaderList CommonHeaders(const CurlOptions& options);

/// "host:port:address" for CURLOPT_RESOLVE, so that libcurl never looks the name up; empty if the
/// host is an address or cannot be resolved (then requests fail with libcurl's own words).
std::string ResolveOnce(const std::string& url);

/// True if what is read is TLS records.
bool IsTls(const CurlOptions& options);

/// How a transfer ended, by libcurl's code.
TransferEnd::Result ResultOf(CURLcode code);

/// One header line of a response into its head. True: the line ended the head.
bool ReadHeadLine(std::string_view line, ResponseHead& head, bool& chunked);

}  // namespace sseprof
