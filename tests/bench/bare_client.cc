#include "bare_client.h"

#include <fmt/format.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

#include "command.h"

namespace bare {
namespace {

/// What is taken out of one chunk, without a tree of it: a key and its depth tell its place.
struct Chunk : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Chunk> {
  std::string_view content;            ///< choices[0].delta.content
  std::string_view finish_reason;      ///< choices[0].finish_reason
  std::int64_t completion_tokens = 0;  ///< usage.completion_tokens

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key_ = {text, size};
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 4 && key_ == "content") content = {text, size};
    if (depth_ == 3 && key_ == "finish_reason") finish_reason = {text, size};
    return true;
  }
  bool Uint(unsigned number) {
    if (depth_ == 2 && key_ == "completion_tokens") completion_tokens = number;
    return true;
  }
  bool StartObject() { return ++depth_ > 0; }
  bool StartArray() { return ++depth_ > 0; }
  bool EndObject(rapidjson::SizeType) { return --depth_ >= 0; }
  bool EndArray(rapidjson::SizeType) { return --depth_ >= 0; }

 private:
  std::string_view key_;
  int depth_ = 0;
};

/// Of /proc/self/status. getrusage's maximum would be the parent's, if that was the larger one.
std::int64_t StatusKib(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stoll(line.substr(name.size() + 1));
  }
  return 0;
}

double CpuSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Options ParseOptions(int argc, char** argv, const char* about) {
  Options o;
  std::string prompt_file;
  CLI::App app(about);
  app.add_option("--url", o.url, "The whole URL of the chat completions")->required();
  app.add_option("--model", o.model, "Without it the request names none");
  app.add_option("--concurrency", o.concurrency)->check(CLI::PositiveNumber);
  app.add_option("--requests", o.requests)->check(CLI::PositiveNumber);
  app.add_option("--max-tokens", o.max_tokens)->check(CLI::PositiveNumber);
  app.add_option("--prompt", o.prompt);
  app.add_option("--prompt-file", prompt_file, "A text")->check(CLI::ExistingFile);
  app.add_option("--log", o.log, "Write every request's stamps here, one JSON line each");
  ParseOrExit(app, argc, argv);
  if (!prompt_file.empty()) {
    std::ifstream file(prompt_file, std::ios::binary);
    o.prompt.assign(std::istreambuf_iterator<char>(file), {});
  }
  RaiseFileLimit();
  return o;
}

std::string RequestBody(const Options& options) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> json(text);
  json.StartObject();
  if (!options.model.empty()) {
    json.Key("model");
    json.String(options.model.c_str());
  }
  json.Key("messages");
  json.StartArray();
  json.StartObject();
  json.Key("role");
  json.String("user");
  json.Key("content");
  json.String(options.prompt.c_str());
  json.EndObject();
  json.EndArray();
  json.Key("max_tokens");
  json.Int(options.max_tokens);
  json.Key("temperature");
  json.Double(0);
  json.Key("stream");
  json.Bool(true);
  json.Key("stream_options");
  json.StartObject();
  json.Key("include_usage");
  json.Bool(true);
  json.EndObject();
  json.EndObject();
  return text.GetString();
}

std::int64_t Now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::string RequestId(std::int64_t n) { return "bare-" + std::to_string(n); }

void Stream::Begin(std::int64_t n) {
  row_.n = n;
  row_.sent_ns = row_.first_output_ns = 0;
  row_.event_ns.clear();
  open_.clear();
  tokens_ = 0;
  done_ = finished_ = bad_ = false;
  row_.start_ns = Now();
}

void Stream::Feed(char* bytes, std::size_t size, std::int64_t now) {
  char* const end = bytes + size;
  while (bytes < end) {
    auto* const lf = static_cast<char*>(std::memchr(bytes, '\n', end - bytes));
    if (lf == nullptr) {
      open_.append(bytes, end);
      return;
    }
    if (open_.empty()) {
      Line(bytes, lf, now);
    } else {
      open_.append(bytes, lf);
      Line(open_.data(), open_.data() + open_.size(), now);
      open_.clear();
    }
    bytes = lf + 1;
  }
}

void Stream::Line(char* begin, char* end, std::int64_t now) {
  constexpr std::string_view kData = "data: ";
  if (std::string_view(begin, end).substr(0, kData.size()) != kData) return;
  begin += kData.size();
  if (end[-1] == '\r') --end;
  *end = '\0';
  row_.event_ns.push_back(now);
  if (std::string_view(begin, end) == "[DONE]") {
    done_ = true;
    return;
  }
  Chunk chunk;
  rapidjson::InsituStringStream json(begin);
  if (rapidjson::Reader().Parse<rapidjson::kParseInsituFlag>(json, chunk).IsError()) bad_ = true;
  if (!chunk.content.empty() && row_.first_output_ns == 0) row_.first_output_ns = now;
  if (!chunk.finish_reason.empty()) finished_ = true;
  if (chunk.completion_tokens > 0) tokens_ = chunk.completion_tokens;
}

Tally::Tally(const Options& options) : options_(options), rss_at_start_kib_(StatusKib("VmRSS:")) {}

void Tally::Start() {
  cpu_at_start_s_ = CpuSeconds();
  start_ns_ = Now();
}

bool Tally::Launch(Stream& stream) {
  if (launched_ == options_.requests) return false;
  stream.Begin(launched_++);
  return true;
}

void Tally::Finished(Stream& stream, bool good) {
  ++finished_;
  if (!good || !stream.good()) ++failed_;
  events_ += static_cast<std::int64_t>(stream.row().event_ns.size());
  tokens_ += stream.tokens();
  if (!options_.log.empty()) rows_.push_back(stream.row());
}

void Tally::Report() const {
  const double wall_s = static_cast<double>(Now() - start_ns_) * 1e-9;
  const double cpu_s = CpuSeconds() - cpu_at_start_s_;
  fmt::print(
      "{{\"requests\":{},\"failed\":{},\"events\":{},\"completion_tokens\":{},\"wall_s\":{:.6f},"
      "\"cpu_s\":{:.6f},\"max_rss_kib\":{},\"start_rss_kib\":{}}}\n",
      finished_, failed_, events_, tokens_, wall_s, cpu_s, StatusKib("VmHWM:"), rss_at_start_kib_);
  if (options_.log.empty()) return;
  std::ofstream log(options_.log);
  for (const Row& row : rows_) {
    log << fmt::format(
        "{{\"request_id\":\"{}\",\"start_ns\":{},\"sent_ns\":{},\"first_output_ns\":{},"
        "\"event_ns\":[{}]}}\n",
        RequestId(row.n), row.start_ns, row.sent_ns, row.first_output_ns,
        fmt::join(row.event_ns, ","));
  }
  log.close();
  if (!log) Die(options_.log.c_str());
}

}  // namespace bare
