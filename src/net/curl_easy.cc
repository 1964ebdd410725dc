#include "net/curl_easy.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <strings.h>

#include <charconv>
#include <mutex>
#include <new>
#include <stdexcept>

namespace sseprof {
namespace {

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool Is(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() && strncasecmp(name.data(), wanted.data(), name.size()) == 0;
}

std::optional<Nanos> Seconds(std::string_view text) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  constexpr long kDay = 86400;
  return std::chrono::seconds{std::min(seconds, kDay)};
}

class ParsedUrl {
 public:
  explicit ParsedUrl(const std::string& url) : handle_(curl_url()) {
    ok_ = handle_ != nullptr &&
          curl_url_set(handle_, CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }
  ~ParsedUrl() { curl_url_cleanup(handle_); }
  ParsedUrl(const ParsedUrl&) = delete;
  ParsedUrl& operator=(const ParsedUrl&) = delete;

  std::string Part(CURLUPart part) const {
    char* text = nullptr;
    if (!ok_ || curl_url_get(handle_, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
  }

 private:
  CURLU* handle_;
  bool ok_ = false;
};

bool IsAddress(const std::string& host) {
  in6_addr unused{};
  return host.starts_with('[') || inet_pton(AF_INET, host.c_str(), &unused) == 1;
}

}  // namespace

void InitCurl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
      throw std::runtime_error("libcurl cannot be initialised");
    }
  });
}

EasyHandle NewEasy(const CurlOptions& options) {
  InitCurl();
  EasyHandle easy(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  CURL* e = easy.get();
  using std::chrono::milliseconds;
  const auto connect_ms = std::chrono::ceil<milliseconds>(options.connect_timeout).count();
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_PROXY, options.proxy.c_str());
  // A proxy's consent to a tunnel is no answer of the server.
  curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_ms));
  curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
                   options.http == HttpVersion::k2 ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
                                                   : CURL_HTTP_VERSION_1_1);
  if (options.http == HttpVersion::k2 && options.url.starts_with("https")) {
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  }
  if (!options.cacert.empty()) curl_easy_setopt(e, CURLOPT_CAINFO, options.cacert.c_str());
  if (options.insecure) {
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  return easy;
}

void AppendHeader(HeaderList& list, const std::string& header) {
  curl_slist* longer = curl_slist_append(list.get(), header.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

HeaderList CommonHeaders(const CurlOptions& options) {
  HeaderList list;
  for (const std::string& header : options.headers) {
    // libcurl drops "Name:" without a value unless it is written "Name;".
    const auto colon = header.find(':');
    const bool bare = colon != std::string::npos && Trim(header.substr(colon + 1)).empty();
    AppendHeader(list, bare ? header.substr(0, colon) + ";" : header);
  }
  if (!options.api_key.empty()) AppendHeader(list, "Authorization: Bearer " + options.api_key);
  return list;
}

std::string ResolveOnce(const std::string& url) {
  InitCurl();
  const ParsedUrl parsed(url);
  const std::string host = parsed.Part(CURLUPART_HOST);
  const std::string port = parsed.Part(CURLUPART_PORT);
  if (host.empty() || IsAddress(host)) return {};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};
  std::string addresses;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) !=
        0) {
      continue;
    }
    const bool v6 = a->ai_family == AF_INET6;
    addresses += (addresses.empty() ? "" : ",") + (v6 ? "[" + std::string(text) + "]" : text);
  }
  freeaddrinfo(found);
  return addresses.empty() ? "" : host + ":" + port + ":" + addresses;
}

bool IsTls(const CurlOptions& options) {
  constexpr std::string_view kScheme = "https:";
  const auto has_scheme = [&](std::string_view url) {
    return Is(url.substr(0, kScheme.size()), kScheme);
  };
  return has_scheme(options.url) || has_scheme(options.proxy);
}

TransferEnd::Result ResultOf(CURLcode code) {
  using Result = TransferEnd::Result;
  switch (code) {
    case CURLE_OK:
      return Result::kComplete;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:  // the only time-out set in libcurl is the one for connecting
    case CURLE_INTERFACE_FAILED:
    case CURLE_PROXY:
    case CURLE_ABORTED_BY_CALLBACK:  // by the prerequest callback: retried too often
    case CURLE_URL_MALFORMAT:
      return Result::kConnect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return Result::kTls;
    case CURLE_WRITE_ERROR:
      return Result::kCancelled;
    default:
      return Result::kBroken;
  }
}

bool ReadHeadLine(std::string_view line, ResponseHead& head, bool& chunked) {
  if (line.starts_with("HTTP/")) {
    head = {};
    chunked = false;
    const auto space = line.find(' ');
    if (space != std::string_view::npos) {
      const std::string_view rest = line.substr(space + 1);
      std::from_chars(rest.data(), rest.data() + rest.size(), head.status);
    }
    return false;
  }
  if (Trim(line).empty()) return head.status >= 200;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trim(line.substr(colon + 1));
  if (Is(name, "content-type")) head.content_type = value;
  if (Is(name, "content-encoding")) head.content_encoding = value;
  if (Is(name, "location")) head.location = value;
  if (Is(name, "server")) head.server = value;
  if (Is(name, "retry-after")) head.retry_after = Seconds(value);
  if (Is(name, "transfer-encoding") && Is(value, "chunked")) chunked = true;
  return false;
}

}  // namespace sseprof
