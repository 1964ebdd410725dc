#include <fmt/format.h>

#include <mutex>

#include "cli/commands.h"
#include "cli/connection_options.h"
#include "cli/exit_status.h"
#include "cli/option_set.h"
#include "cli/output.h"
#include "cli/run_facts.h"
#include "cli/run_load.h"
#include "cli/run_options.h"
#include "cli/server_info.h"
#include "cli/stop_signal.h"
#include "wire/json.h"

namespace sseprof {
namespace {

struct ProbeOptions {
  ConnectionOptions connection;
  std::string model, prompt, extra_body;
  std::int64_t max_tokens = 32;
  Nanos timeout = std::chrono::seconds{120};
  bool exact_tokens = false;

  void Define(OptionSet& options);
};

void ProbeOptions::Define(OptionSet& options) {
  options.Group("Main");
  options.Text("--base-url URL", connection.base_url,
               "The server: http://HOST:PORT, its /v1, or the whole URL of its chat completions");
  options.Text("--model NAME", model, "Model; without it the only one that the server has");
  options.Text("--prompt TEXT", prompt, "The prompt; without it one that asks for a long answer");
  options.Number("--max-tokens N", max_tokens, {1, 1e9}, "Tokens that the answer may have");
  options.Flag("--exact-tokens", exact_tokens,
               "Ask for the tokens of every event, not only for their sum");
  options.Text("--extra-body JSON", extra_body, "Object whose keys are set in the request, last");
  options.Duration("--timeout TIME", timeout, "For the request");
  options.Duration("--connect-timeout TIME", connection.connect_timeout, "For connecting");
  connection.Define(options);
}

/// Keeps the text that came with each event, and the record.
class ProbeSink final : public LiveSink, public RecordSink {
 public:
  void OnStart(const RequestRecord&) override {}
  void OnEvents(const RequestRecord& record, std::size_t) override {
    texts_.push_back(NewText(record.reasoning, reasoning_seen_) + NewText(record.text, text_seen_));
  }
  void OnFinish(const RequestRecord&, std::int64_t) override {}
  void Take(RequestRecord&& record) override { record_ = std::move(record); }

  const std::optional<RequestRecord>& record() const { return record_; }
  std::string_view text(std::size_t event) const {
    return event < texts_.size() ? std::string_view(texts_[event]) : std::string_view();
  }

 private:
  static std::string NewText(const std::optional<std::string>& text, std::size_t& seen) {
    if (!text || text->size() <= seen) return {};
    std::string fresh = text->substr(seen);
    seen = text->size();
    return fresh;
  }

  std::vector<std::string> texts_;
  std::size_t text_seen_ = 0, reasoning_seen_ = 0;
  std::optional<RequestRecord> record_;
};

const char* Understood(EventKind kind) {
  switch (kind) {
    case EventKind::kVisible:
      return "text: an output event";
    case EventKind::kOther:
      return "reasoning, refusal or tool call: an output event";
    case EventKind::kEmpty:
      return "a chunk without output (role, or text held back)";
    case EventKind::kFinish:
      return "the finish reason, without text";
    case EventKind::kUsage:
      return "token usage";
    case EventKind::kDone:
      return "the end of the stream";
    case EventKind::kError:
      return "an error, or data that is no JSON";
    case EventKind::kUnknown:
      break;
  }
  return "nothing that counts";
}

/// A JSON string of at most `limit` bytes: blanks and line ends stay visible.
std::string Excerpt(std::string_view text, std::size_t limit) {
  JsonWriter writer;
  writer.String(text.size() <= limit ? std::string(text)
                                     : std::string(text.substr(0, limit)) + "..");
  return std::string(writer.text());
}

std::string Milliseconds(Nanos span) { return fmt::format("{:.3f}", ToSeconds(span) * 1e3); }

std::string EventTable(const RequestRecord& record, const ProbeSink& sink, const Secrets& secrets) {
  constexpr std::size_t kExcerpt = 24;
  std::string table = fmt::format("{:>4} {:>11} {:>10} {:>4} {:>6}  {:<28} {}\n", "#", "at (ms)",
                                  "gap (ms)", "kind", "tokens", "text", "understood as");
  std::optional<Nanos> before;
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    const StreamEvent& event = record.events[i];
    std::string understood = Understood(event.kind);
    if (event.width > Nanos{}) {
      understood += fmt::format(" (came up to {} ms earlier)", Milliseconds(event.width));
    }
    const std::string text = secrets.Hide(std::string(sink.text(i)));
    table +=
        fmt::format("{:>4} {:>11} {:>10} {:>4} {:>6}  {:<28} {}\n", i, Milliseconds(event.at),
                    before ? Milliseconds(event.at - *before) : "", static_cast<char>(event.kind),
                    event.tokens, text.empty() ? "" : Excerpt(text, kExcerpt), understood);
    before = event.at;
  }
  return table;
}

std::string UsageLine(const RequestRecord& record) {
  const std::int64_t counted = CountedTokens(record);
  if (!record.usage || !record.usage->completion_tokens) {
    return fmt::format("none reported; counted {}", counted);
  }
  const std::int64_t reported = *record.usage->completion_tokens;
  return fmt::format("{} reported, {} counted: {}", reported, counted,
                     reported == counted  ? "they agree"
                     : reported > counted ? "some events hold several tokens, or none was sent"
                                          : "more was sent than is reported");
}

std::string Verdict(const RequestRecord& record, const RunLoad& load) {
  const auto span = [](std::optional<Nanos> value) {
    return value ? Milliseconds(*value) + " ms" : std::string("none");
  };
  std::string text = fmt::format("\noutcome      {}", Name(record.outcome));
  if (record.http_status != 0) text += fmt::format(" (HTTP {})", record.http_status);
  if (!record.message.empty()) text += ": " + record.message;
  text += fmt::format("\nttft         {}\nlatency      {}\n", span(Ttft(record)),
                      span(Latency(record)));
  text += fmt::format("tokens       {}\ncounted by   {}\n", UsageLine(record),
                      Name(record.tokens_from));
  text += fmt::format("connection   {}, connected after {}\n", record.reused ? "reused" : "new",
                      span(record.connect));
  text += fmt::format("time stamps  {}\n",
                      load.timestamps() == TimestampKind::kKernel ? "kernel" : "user space");
  return text;
}

int ExitOf(const RequestRecord& record, int signal) {
  if (signal != 0) return kExitInterrupted + signal;
  if (!record.first_byte) return kExitNoAnswer;
  return record.good() ? kExitGood : kExitFailures;
}

}  // namespace

int ProbeCommand(const std::vector<std::string>& args) {
  ProbeOptions probe;
  OptionSet options("probe", "Send one request and show every event as it is understood.");
  probe.Define(options);
  if (options.Parse(args) == OptionSet::Parsed::kDone) return kExitGood;

  const ServerAccess access = ResolveAccess(probe.connection);
  RunOptions run;
  run.model = probe.model.empty() ? FindModel(access) : probe.model;
  run.max_tokens = probe.max_tokens;
  run.exact_tokens = probe.exact_tokens;
  run.extra_body = probe.extra_body;
  run.prompt = probe.prompt;
  run.timeout = probe.timeout;
  run.concurrency = 1;
  run.requests = 1;
  run.max_failures = 1;
  run.save_text = true;

  const PromptSet prompts = run.Prompts();
  LoadPlan plan(run.Load(NewRunId()), run.Chat(), run.Added(), prompts);
  ProbeSink sink;
  RunLoad load(plan, access.curl, 1, [&sink](int) { return RunLoad::Sinks{.requests = &sink}; });
  const StopSignal stop(load);
  load.Run(sink);
  if (!sink.record()) return kExitInterrupted + stop.number();
  RequestRecord record = *sink.record();
  // By itself, since it may have been cut.
  record.message = access.secrets.Hide(std::move(record.message));
  WriteStdout(EventTable(record, sink, access.secrets) +
              access.secrets.Hide(Verdict(record, load)));
  return ExitOf(record, stop.number());
}

}  // namespace sseprof
