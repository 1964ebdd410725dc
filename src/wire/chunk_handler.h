#pragma once

#include <rapidjson/reader.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "sseprof/chat_chunk.h"

namespace sseprof {

/// Fills a chunk while its JSON is read in place, without building a document: it knows at every
/// instant in which of the objects that matter it is (kOther: in none). Used again from text to
/// text, so that it does not allocate. Not thread-safe.
class ChunkHandler {
 public:
  /// Begins a text; `delta_key` is the member of a choice that holds its text. The chunk must be
  /// empty, and outlive the text.
  void Begin(ChatChunk& chunk, std::string_view delta_key);

  bool is_object() const { return is_object_; }      ///< the text is a JSON object
  bool has_error() const { return has_error_; }      ///< it speaks of an error
  bool has_metrics() const { return has_metrics_; }  ///< there is an object `metrics`
  bool has_timings() const { return has_timings_; }  ///< there is an object `timings`

  // What RapidJSON calls. A null is as good as nothing.
  bool Null() { return true; }
  bool Bool(bool) { return Value(); }
  bool Int(int value) { return Number(value); }
  bool Uint(unsigned value) { return Number(value); }
  bool Int64(std::int64_t value) { return Number(value); }
  bool Uint64(std::uint64_t) { return Value(); }  // above what a count can be
  bool Double(double) { return Value(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Value(); }
  bool String(const char* text, rapidjson::SizeType length, bool);
  bool Key(const char* text, rapidjson::SizeType length, bool);
  bool StartObject();
  bool EndObject(rapidjson::SizeType members);
  bool StartArray();
  bool EndArray(rapidjson::SizeType elements);

 private:
  enum class Scope : std::uint8_t {
    kNothing,
    kOther,
    kRoot,
    kChoices,
    kChoice,
    kDelta,
    kToolCalls,
    kTokenIds,
    kOutputIds,
    kLogprobs,
    kLogprobsContent,
    kUsage,
    kPromptDetails,
    kCompletionDetails,
    kTimings,
  };
  enum class Member : std::uint8_t {
    kOther,
    kId,
    kChoices,
    kUsage,
    kTimings,
    kMetrics,
    kError,
    kObject,
    kIndex,
    kDelta,
    kTokenIds,
    kOutputIds,
    kLogprobs,
    kFinishReason,
    kContent,
    kReasoningContent,
    kReasoning,
    kRefusal,
    kToolCalls,
    kRole,
    kPromptTokens,
    kCompletionTokens,
    kReasoningTokens,
    kPromptDetails,
    kCompletionDetails,
    kCachedTokens,
    kPredicted,
  };

  Member MemberOf(std::string_view name) const;
  Member ChoiceMember(std::string_view name) const;
  static Member RootMember(std::string_view name);
  static Member DeltaMember(std::string_view name);
  static Member UsageMember(std::string_view name);
  bool Value();
  bool Number(std::int64_t value);
  bool Open(Scope scope);
  void Close();
  ChoiceDelta& choice() { return chunk_->choices.back(); }

  ChatChunk* chunk_ = nullptr;
  std::string_view delta_key_;
  std::vector<Scope> outer_;
  Scope scope_ = Scope::kNothing;
  Member member_ = Member::kOther;  ///< the key of the value that comes
  bool is_object_ = false, has_error_ = false, has_metrics_ = false, has_timings_ = false;
  bool has_role_ = false;
  std::optional<std::int32_t> output_ids_;
  Usage usage_;
  std::optional<std::int64_t> detailed_reasoning_;
};

}  // namespace sseprof
