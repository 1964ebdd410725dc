#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "unit/load/live_request_fixture.h"
#include "wire/json.h"

namespace sseprof {

inline std::string Text(JsonView value) { return std::string(value.AsString().value_or("")); }

/// In a latin1 sample each character stands for one byte.
inline std::string BytesOf(JsonView sample) {
  const std::string text = Text(sample["stream"]);
  if (Text(sample["encoding"]) != "latin1") return text;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    bytes += lead < 0xC0 ? text[i] : static_cast<char>(((lead & 0x03) << 6) | (text[++i] & 0x3F));
  }
  return bytes;
}

inline ResponseHead HeadOf(JsonView sample) {
  const JsonView http = sample["http"];
  if (http.IsNull()) return StreamHead();
  const JsonView headers = http["headers"];
  ResponseHead head{.status = static_cast<int>(http["status"].AsInt().value()),
                    .content_type = Text(http["content_type"]),
                    .content_encoding = Text(headers["Content-Encoding"]),
                    .location = Text(headers["Location"])};
  return head;
}

/// Replays the samples of tests/data/wire_corpus.json.
class WireCorpusTest : public LiveRequestTest {
 protected:
  WireCorpusTest() { Make({.stream = true, .save_text = true}); }

  template <class Visitor>
  void ForEachSample(Visitor&& visit) {
    const JsonView samples = document_.root();
    ASSERT_EQ(samples.size(), 65u);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      SCOPED_TRACE(Text(samples.At(i)["name"]));
      visit(samples.At(i));
    }
  }

  /// The record of a sample that comes in reads of `size` bytes, each 1 ms after the one before.
  const RequestRecord& Replay(JsonView sample, std::size_t size) {
    const std::string bytes = BytesOf(sample);
    Begin();
    request_->OnHead(HeadOf(sample));
    Nanos at{};
    for (std::size_t i = 0; i < bytes.size(); i += size) {
      at += 1ms;
      if (!Body(bytes.substr(i, size), at, 1ms)) return End(Result::kCancelled, "", at);
    }
    return End(Result::kComplete, "", at);
  }

  RequestRecord ReplayNamed(const std::string& name) {
    RequestRecord found;
    ForEachSample([&](JsonView sample) {
      if (Text(sample["name"]) == name) found = Replay(sample, BytesOf(sample).size());
    });
    return found;
  }

 private:
  static JsonDocument Load() {
    std::ifstream file(SSEPROF_TEST_DATA "/wire_corpus.json", std::ios::binary);
    return JsonDocument::Parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }

  JsonDocument document_ = Load();
};

}  // namespace sseprof
