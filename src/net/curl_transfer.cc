#include "net/curl_transfer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "net/clock.h"

namespace sseprof {
namespace {

constexpr std::string_view kIdHeader = "X-Request-Id: ";
constexpr std::size_t kIdRoom = 128;
constexpr int kMostTries = 2;

template <class T>
T Info(CURL* easy, CURLINFO what) {
  T value{};
  curl_easy_getinfo(easy, what, &value);
  return value;
}

/// Bytes of a request, of all tries so far.
long RequestSize(CURL* easy) { return Info<long>(easy, CURLINFO_REQUEST_SIZE); }

std::optional<Instant> After(Instant start, curl_off_t microseconds) {
  if (microseconds <= 0) return std::nullopt;
  return start + std::chrono::microseconds{microseconds};
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlOptions& options, curl_slist* resolve, CURLM* multi)
    : multi_(multi),
      easy_(NewEasy(options)),
      headers_(CommonHeaders(options)),
      stamps_(options.timestamps),
      tls_(IsTls(options)),
      // libcurl 7.88 breaks HTTP/2 in the clear when it takes a connection up again.
      always_fresh_(options.http == HttpVersion::k2 && !tls_) {
  AppendHeader(headers_, "Content-Type: application/json");
  AppendHeader(headers_, options.stream ? "Accept: text/event-stream" : "Accept: application/json");
  AppendHeader(headers_, "Accept-Encoding: identity");
  AppendHeader(headers_, "Expect:");
  AppendHeader(headers_, std::string(kIdHeader) + std::string(kIdRoom, '-'));
  for (curl_slist* node = headers_.get(); node != nullptr; node = node->next) {
    if (node->next == nullptr) request_id_ = node->data + kIdHeader.size();
  }
  CURL* e = easy();
  curl_easy_setopt(e, CURLOPT_PRIVATE, this);
  curl_easy_setopt(e, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(e, CURLOPT_ERRORBUFFER, problem_);
  curl_easy_setopt(e, CURLOPT_BUFFERSIZE, static_cast<long>(kReadBuffer));
  curl_easy_setopt(e, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
  curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, &HeaderThunk);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, &BodyThunk);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, &PrerequestThunk);
  curl_easy_setopt(e, CURLOPT_PREREQDATA, this);
  if (resolve != nullptr) curl_easy_setopt(e, CURLOPT_RESOLVE, resolve);
  if (always_fresh_) curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
}

void CurlTransfer::Begin(const Submission& submission, StreamObserver& observer, Instant now) {
  observer_ = &observer;
  body_size_ = submission.body.size();
  started_ = asked_at_ = now;
  sent_.reset();
  first_byte_.reset();
  largest_delay_.reset();
  new_delay_.reset();
  tries_ = 0;
  head_ = {};
  head_done_ = chunked_ = false;
  chunks_.Reset();
  arrivals_ = nullptr;
  looked_ = false;
  read_at_.reset();
  offset_ = held_ = 0;
  problem_[0] = '\0';
  const std::size_t length = std::min(submission.request_id.size(), kIdRoom);
  std::memcpy(request_id_, submission.request_id.data(), length);
  request_id_[length] = '\0';
  curl_easy_setopt(easy(), CURLOPT_FRESH_CONNECT, always_fresh_ ? 1L : 0L);
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size_));
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, submission.body.data());
}

void CurlTransfer::BeginRead(std::size_t look, std::optional<Instant> last_stamp) {
  looked_ = true;
  look_ = look;
  last_stamp_ = last_stamp;
  read_at_.reset();
  offset_ = -held_;
  held_ = 0;
}

std::size_t CurlTransfer::EndRead() {
  looked_ = false;
  last_stamp_.reset();
  const auto passed = static_cast<std::size_t>(std::max<std::int64_t>(0, offset_));
  if (tls_ || head_done_ || observer_ == nullptr) return passed;
  held_ = std::max<std::int64_t>(0, static_cast<std::int64_t>(look_) - offset_);
  return std::max(look_, passed);
}

void CurlTransfer::NoteSent() {
  if (sent_ || tries_ == 0) return;
  if (Info<curl_off_t>(easy(), CURLINFO_SIZE_UPLOAD_T) < static_cast<curl_off_t>(body_size_)) {
    return;
  }
  sent_ = MonotonicNow();
  // The head, and the body with it if libcurl sent them together, as it does up to 64 KiB.
  const auto size = static_cast<std::size_t>(RequestSize(easy()) - size_before_);
  traffic_.sent += size > body_size_ ? size : size + body_size_;
}

StreamObserver* CurlTransfer::Finish(CURLcode code, Instant now, TransferEnd& end) {
  end.result = ResultOf(code);
  const bool connected = tries_ > 0;
  if (!connected && end.result == TransferEnd::Result::kBroken) {
    end.result = TransferEnd::Result::kConnect;  // as when a proxy refuses the tunnel
  }
  if (code != CURLE_OK) end.message = problem_[0] != '\0' ? problem_ : curl_easy_strerror(code);
  if (tries_ > kMostTries) end.message = "the server keeps closing kept-alive connections";
  end.at = now;
  end.reused = tries_ > 0 && Info<long>(easy(), CURLINFO_NUM_CONNECTS) == 0;
  end.retried = tries_ > 1;
  if (!end.reused) {
    end.connect_started = started_;
    end.connected = After(started_, Info<curl_off_t>(easy(), CURLINFO_CONNECT_TIME_T));
    end.tls_done = After(started_, Info<curl_off_t>(easy(), CURLINFO_APPCONNECT_TIME_T));
    if (!end.connected) end.connect_started.reset();
  }
  end.sent = sent_;
  end.first_byte = first_byte_;
  end.client_delay = largest_delay_;
  return std::exchange(observer_, nullptr);
}

std::optional<Nanos> CurlTransfer::TakeDelay() { return std::exchange(new_delay_, std::nullopt); }

CurlTransfer::Traffic CurlTransfer::TakeTraffic() { return std::exchange(traffic_, {}); }

std::size_t CurlTransfer::HeaderThunk(char* data, std::size_t, std::size_t size, void* self) {
  static_cast<CurlTransfer*>(self)->OnHeadBytes({data, size});
  return size;
}

std::size_t CurlTransfer::BodyThunk(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<CurlTransfer*>(self)->OnWireBytes({data, size}) ? size : 0;
}

int CurlTransfer::PrerequestThunk(void* self, char* peer, char*, int, int) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.peer_ = peer;
  transfer.asked_at_ = MonotonicNow();
  transfer.sent_.reset();  // a retry sends anew
  transfer.size_before_ = RequestSize(transfer.easy());
  // For a retry: where one kept-alive connection was dead, the others may be, too.
  curl_easy_setopt(transfer.easy(), CURLOPT_FRESH_CONNECT, 1L);
  return ++transfer.tries_ > kMostTries ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

Instant CurlTransfer::ReadAt() {
  if (looked_ && read_at_) return *read_at_;
  read_at_ = MonotonicNow();
  if (last_stamp_) {
    new_delay_ = std::max(Nanos{0}, *read_at_ - *last_stamp_);
    largest_delay_ = std::max(largest_delay_.value_or(Nanos{0}), *new_delay_);
  }
  return *read_at_;
}

/// After the read that brought what is passed on now.
Instant CurlTransfer::PassedAt() {
  if (!passed_at_) passed_at_ = MonotonicNow();
  return *passed_at_;
}

WireBuffer CurlTransfer::Place(std::int64_t offset) {
  const auto place = static_cast<std::size_t>(std::max<std::int64_t>(0, offset));
  if (looked_ && arrivals_ != nullptr && stamps_ == TimestampKind::kKernel) {
    // What came behind the look can be of a later read than the one that was timed.
    return arrivals_->At(place, arrivals_->Has(place) ? *read_at_ : PassedAt());
  }
  const Instant floor = arrivals_ != nullptr ? arrivals_->empty_at() : asked_at_;
  const Instant now = looked_ ? PassedAt() : *read_at_;
  return {.end = SIZE_MAX,
          .at = now,
          .width = std::max(Nanos{0}, now - std::max(floor, asked_at_)),
          .end_known = false};
}

void CurlTransfer::OnHeadBytes(std::string_view line) {
  passed_at_.reset();
  ReadAt();
  if (!first_byte_) first_byte_ = Place(offset_).at;
  if (!head_done_) traffic_.received += line.size();
  if (!tls_) offset_ += static_cast<std::int64_t>(line.size());
  if (head_done_) return;  // trailers, which have passed as body already
  if (!ReadHeadLine(line, head_, chunked_)) return;
  head_done_ = true;
  observer_->OnHead(head_);
}

bool CurlTransfer::OnWireBytes(std::string_view wire) {
  if (observer_ == nullptr) return false;
  traffic_.received += wire.size();
  passed_at_.reset();
  ReadAt();
  std::size_t at = 0;
  while (at < wire.size()) {
    ChunkDecoder::Piece piece = {.payload = wire.substr(at), .consumed = wire.size() - at};
    if (chunked_) piece = chunks_.Next(wire.substr(at));
    if (!piece.payload.empty() && !Deliver(piece.payload, wire, at + piece.begin)) return false;
    at += piece.consumed;
  }
  offset_ += tls_ ? 1 : static_cast<std::int64_t>(wire.size());
  return true;
}

bool CurlTransfer::Deliver(std::string_view payload, std::string_view wire, std::size_t begin) {
  while (!payload.empty()) {
    const std::int64_t place = offset_ + (tls_ ? 0 : static_cast<std::int64_t>(begin));
    const WireBuffer buffer = Place(place);
    std::size_t room = wire.size() - begin;
    if (!tls_) room = std::min(room, buffer.end - static_cast<std::size_t>(std::max(0L, place)));
    const std::size_t size = std::min(payload.size(), room);
    const std::string_view rest = wire.substr(begin + size, room - size);
    const bool to_the_end =
        tls_ || place + static_cast<std::int64_t>(room) == static_cast<std::int64_t>(buffer.end);
    const bool ends = stamps_ == TimestampKind::kUser || (buffer.end_known && to_the_end);
    const BodySpan span = {.bytes = payload.substr(0, size),
                           .at = buffer.at,
                           .width = buffer.width,
                           .closes_buffer = ends && IsChunkEnd(rest)};
    if (!observer_->OnBody(span)) return false;
    payload.remove_prefix(size);
    begin += size;
  }
  return true;
}

}  // namespace sseprof
