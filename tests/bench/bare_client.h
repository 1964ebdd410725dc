#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the two yardstick clients share: everything but the network. Both are what an engineer
// would write by hand for this one purpose, against a well-behaved server: they read every event
// and stamp it, and keep no records and make no summary. All instants are CLOCK_MONOTONIC, ns.
namespace bare {

struct Options {
  std::string url;  ///< the whole URL of the chat completions
  std::string model;
  std::string prompt = "Count from one to a thousand, in words.";
  std::string log;  ///< empty: keep no stamps
  int concurrency = 16;
  int requests = 64;
  int max_tokens = 256;
};

/// Ends the process with status 2 on bad usage. Also raises the limit of open files.
Options ParseOptions(int argc, char** argv, const char* about);

/// The JSON that each request sends.
std::string RequestBody(const Options& options);

std::int64_t Now();

/// Ends the process with status 1.
[[noreturn]] void Die(const char* what);

/// The stamps of one request, for the log.
struct Row {
  std::int64_t n = 0;
  std::int64_t start_ns = 0;
  std::int64_t sent_ns = 0;            ///< 0: unknown
  std::int64_t first_output_ns = 0;    ///< first event with text; 0: none
  std::vector<std::int64_t> event_ns;  ///< every event, from the role chunk to [DONE]
};

/// The event stream that a slot receives, one after the other. Every `data:` line is an event.
class Stream {
 public:
  void Begin(std::int64_t n);

  /// Body bytes that arrived at `now`, in any cuts. They are parsed in place, and spoilt.
  void Feed(char* bytes, std::size_t size, std::int64_t now);

  bool good() const { return done_ && finished_ && !bad_; }
  Row& row() { return row_; }
  std::int64_t tokens() const { return tokens_; }

 private:
  void Line(char* begin, char* end, std::int64_t now);

  Row row_;
  std::string open_;  // a line whose end has not come yet
  std::int64_t tokens_ = 0;
  bool done_ = false, finished_ = false, bad_ = false;
};

/// The closed loop's account, and what is printed of it.
class Tally {
 public:
  explicit Tally(const Options& options);

  /// Call just before the first launch.
  void Start();

  /// A slot's next request; false if all have been sent.
  bool Launch(Stream& stream);
  void Finished(Stream& stream, bool good);
  bool running() const { return finished_ < launched_; }

  /// The JSON object on stdout, and the log.
  void Report() const;

 private:
  Options options_;
  int launched_ = 0, finished_ = 0, failed_ = 0;
  std::int64_t events_ = 0, tokens_ = 0;
  std::int64_t rss_at_start_kib_;
  std::int64_t start_ns_ = 0;
  double cpu_at_start_s_ = 0;
  std::vector<Row> rows_;
};

/// `bare-<n>`
std::string RequestId(std::int64_t n);

}  // namespace bare
