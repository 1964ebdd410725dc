// A client as an engineer would write it by hand on libcurl: curl_multi_socket_action over epoll,
// an easy handle per slot, every event parsed in place and stamped in user space. The yardstick for
// what sseprof adds to that.
#include <curl/curl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include "bare_client.h"

namespace {

constexpr std::int64_t kNever = -1;
constexpr std::int64_t kNanosPerMilli = 1'000'000;

struct Slot {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  bare::Stream stream;
};

class Client {
 public:
  explicit Client(const bare::Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Run();
  void Report() const { tally_.Report(); }

 private:
  CURL* NewEasy(Slot& slot);
  void Launch(Slot& slot);
  void Turn();
  int TimeoutMs() const;
  void Act(curl_socket_t fd, int mask);

  static size_t OnBody(char* bytes, size_t, size_t size, void* slot);
  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* known);
  static int OnTimer(CURLM*, long milliseconds, void* self);

  const bare::Options options_;
  bare::Tally tally_;
  const std::string body_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  CURLM* const multi_ = curl_multi_init();
  std::deque<Slot> slots_;
  std::int64_t due_ns_ = kNever;  ///< when libcurl wants to be called
};

Client::Client(const bare::Options& options)
    : options_(options), tally_(options), body_(bare::RequestBody(options)) {
  if (epoll_ < 0) bare::Die("epoll_create1");
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.concurrency));
  slots_.resize(static_cast<size_t>(options_.concurrency));
  for (Slot& slot : slots_) slot.easy = NewEasy(slot);
}

Client::~Client() {
  for (Slot& slot : slots_) {
    curl_multi_remove_handle(multi_, slot.easy);
    curl_easy_cleanup(slot.easy);
    curl_slist_free_all(slot.headers);
  }
  curl_multi_cleanup(multi_);
}

CURL* Client::NewEasy(Slot& slot) {
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body_.size()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &slot);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &slot);
  return easy;
}

void Client::Launch(Slot& slot) {
  if (!tally_.Launch(slot.stream)) return;
  const std::string id = "X-Request-Id: " + bare::RequestId(slot.stream.row().n);
  curl_slist_free_all(slot.headers);
  slot.headers = curl_slist_append(nullptr, "Content-Type: application/json");
  slot.headers = curl_slist_append(slot.headers, id.c_str());
  curl_easy_setopt(slot.easy, CURLOPT_HTTPHEADER, slot.headers);
  curl_multi_add_handle(multi_, slot.easy);
}

void Client::Run() {
  tally_.Start();
  for (Slot& slot : slots_) Launch(slot);
  while (tally_.running()) Turn();
}

void Client::Turn() {
  std::array<epoll_event, 256> ready;
  const int count = epoll_wait(epoll_, ready.data(), ready.size(), TimeoutMs());
  for (int i = 0; i < count; ++i) {
    int mask = 0;
    if ((ready[i].events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
    if ((ready[i].events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    if ((ready[i].events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_ERR;
    Act(ready[i].data.fd, mask);
  }
  if (TimeoutMs() == 0) {
    due_ns_ = kNever;
    Act(CURL_SOCKET_TIMEOUT, 0);
  }
}

int Client::TimeoutMs() const {
  if (due_ns_ == kNever) return -1;
  const std::int64_t left_ns = std::max<std::int64_t>(due_ns_ - bare::Now(), 0);
  return static_cast<int>((left_ns + kNanosPerMilli - 1) / kNanosPerMilli);
}

void Client::Act(curl_socket_t fd, int mask) {
  int left = 0;
  curl_multi_socket_action(multi_, fd, mask, &left);
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    CURL* const easy = message->easy_handle;
    const bool complete = message->data.result == CURLE_OK;
    void* slot = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    curl_multi_remove_handle(multi_, easy);
    tally_.Finished(static_cast<Slot*>(slot)->stream, complete);
    Launch(*static_cast<Slot*>(slot));
  }
}

size_t Client::OnBody(char* bytes, size_t, size_t size, void* slot) {
  static_cast<Slot*>(slot)->stream.Feed(bytes, size, bare::Now());
  return size;
}

int Client::OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* known) {
  Client& client = *static_cast<Client*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(client.epoll_, EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  epoll_event event{.events = 0, .data = {.fd = fd}};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  epoll_ctl(client.epoll_, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  curl_multi_assign(client.multi_, fd, &client);
  if (what == CURL_POLL_IN && !client.options_.log.empty()) {
    // libcurl only waits for the answer now, so the whole request is out.
    void* slot = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    bare::Row& row = static_cast<Slot*>(slot)->stream.row();
    if (row.sent_ns == 0) row.sent_ns = bare::Now();
  }
  return 0;
}

int Client::OnTimer(CURLM*, long milliseconds, void* self) {
  static_cast<Client*>(self)->due_ns_ =
      milliseconds < 0 ? kNever : bare::Now() + milliseconds * kNanosPerMilli;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bare::Options options =
      bare::ParseOptions(argc, argv, "A closed loop of chat completions on bare libcurl");
  curl_global_init(CURL_GLOBAL_ALL);
  Client client(options);
  client.Run();
  client.Report();
}
