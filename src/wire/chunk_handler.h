#pragma once

#include <rapidjson/reader.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "sseprof/chat_chunk.h"

namespace sseprof {

/// Fills a chunk while its JSON is read in place, without building a document: it knows at every
/// instant in which of the objects that matter it is (kOther: in none). Inline, since the parser
/// calls it some thirty times for every event. Used again from text to text, so that it does not
/// allocate. Not thread-safe.
class ChunkHandler {
 public:
  /// Begins a text; `delta_key` is the member of a choice that holds its text. The chunk must be
  /// empty, and outlive the text. Parsing is ended where more than `deepest` brackets are open.
  void Begin(ChatChunk& chunk, std::string_view delta_key, std::size_t deepest);

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
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    key_ = {text, length};
    return true;
  }
  bool StartObject() { return Open(ObjectScope()); }
  bool EndObject(rapidjson::SizeType members);
  bool StartArray() { return Open(ArrayScope()); }
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

  /// The key of the value that comes. (In an array it is stale: ask for the scope first.)
  template <std::size_t kSize>
  bool KeyIs(const char (&name)[kSize]) const {
    return key_.size() == kSize - 1 && std::memcmp(key_.data(), name, kSize - 1) == 0;
  }
  bool Value() {
    if (scope_ == Scope::kRoot && KeyIs("error")) has_error_ = true;
    return true;
  }
  bool Number(std::int64_t value);
  void UsageCount(std::int64_t value);
  void DeltaText(std::string_view value);
  Scope ObjectScope();
  Scope RootObject();
  Scope ArrayScope();
  bool Open(Scope scope) {
    outer_.push_back(scope_);
    scope_ = scope;
    return outer_.size() <= deepest_;
  }
  bool Close() {
    scope_ = outer_.back();
    outer_.pop_back();
    return true;
  }
  ChoiceDelta& choice() { return chunk_->choices.back(); }

  ChatChunk* chunk_ = nullptr;
  std::string_view delta_key_, key_;
  std::vector<Scope> outer_;
  std::size_t deepest_ = 0;
  Scope scope_ = Scope::kNothing;
  bool is_object_ = false, has_error_ = false, has_metrics_ = false, has_timings_ = false;
  bool has_role_ = false;
  std::optional<std::int32_t> output_ids_;
  Usage usage_;
  std::optional<std::int64_t> detailed_reasoning_;
};

inline void ChunkHandler::Begin(ChatChunk& chunk, std::string_view delta_key, std::size_t deepest) {
  chunk_ = &chunk;
  deepest_ = deepest;
  delta_key_ = delta_key;
  key_ = {};
  outer_.clear();
  scope_ = Scope::kNothing;
  is_object_ = has_error_ = has_metrics_ = has_timings_ = false;
}

inline bool ChunkHandler::String(const char* text, rapidjson::SizeType length, bool) {
  const std::string_view value(text, length);
  if (scope_ == Scope::kDelta) {
    DeltaText(value);
  } else if (scope_ == Scope::kChoice) {
    if (KeyIs("finish_reason")) choice().finish_reason = value;
  } else if (scope_ == Scope::kRoot) {
    if (KeyIs("id")) chunk_->id = value;
    if (KeyIs("object") && value == "error") has_error_ = true;
  }
  return Value();
}

inline void ChunkHandler::DeltaText(std::string_view value) {
  if (KeyIs("content")) {
    choice().content = value;
  } else if (KeyIs("reasoning_content")) {
    if (!value.empty()) choice().reasoning = value;
  } else if (KeyIs("reasoning")) {
    if (choice().reasoning.empty()) choice().reasoning = value;
  } else if (KeyIs("refusal")) {
    choice().refusal = !value.empty();
  } else if (KeyIs("role")) {
    has_role_ = true;
  }
}

inline bool ChunkHandler::Number(std::int64_t value) {
  if (value < 0) return Value();
  if (scope_ == Scope::kChoice) {
    const bool fits = value <= std::numeric_limits<std::uint16_t>::max();
    if (KeyIs("index") && fits) choice().index = static_cast<std::uint16_t>(value);
  } else if (scope_ == Scope::kTimings) {
    if (KeyIs("predicted_n")) chunk_->predicted = value;
  } else if (scope_ >= Scope::kUsage) {
    UsageCount(value);
  }
  return Value();
}

inline void ChunkHandler::UsageCount(std::int64_t value) {
  if (scope_ == Scope::kUsage) {
    if (KeyIs("prompt_tokens")) usage_.prompt_tokens = value;
    if (KeyIs("completion_tokens")) usage_.completion_tokens = value;
    if (KeyIs("reasoning_tokens")) usage_.reasoning_tokens = value;
  } else if (scope_ == Scope::kPromptDetails) {
    if (KeyIs("cached_tokens")) usage_.cached_tokens = value;
  } else if (KeyIs("reasoning_tokens")) {
    detailed_reasoning_ = value;
  }
}

inline ChunkHandler::Scope ChunkHandler::ObjectScope() {
  switch (scope_) {
    case Scope::kNothing:
      is_object_ = true;
      return Scope::kRoot;
    case Scope::kRoot:
      return RootObject();
    case Scope::kChoices:
      chunk_->choices.emplace_back();
      output_ids_.reset();
      return Scope::kChoice;
    case Scope::kChoice:
      if (KeyIs("logprobs")) return Scope::kLogprobs;
      if (key_ != delta_key_) return Scope::kOther;
      choice().opened = true;
      has_role_ = false;
      return Scope::kDelta;
    case Scope::kUsage:
      if (KeyIs("prompt_tokens_details")) return Scope::kPromptDetails;
      return KeyIs("completion_tokens_details") ? Scope::kCompletionDetails : Scope::kOther;
    default:
      return Scope::kOther;
  }
}

inline ChunkHandler::Scope ChunkHandler::RootObject() {
  Value();
  if (KeyIs("usage")) {
    usage_ = {};
    detailed_reasoning_.reset();
    return Scope::kUsage;
  }
  if (KeyIs("metrics")) has_metrics_ = true;
  if (!KeyIs("timings")) return Scope::kOther;
  has_timings_ = true;
  return Scope::kTimings;
}

inline bool ChunkHandler::EndObject(rapidjson::SizeType members) {
  if (scope_ == Scope::kDelta) {
    choice().filler = !choice().output() && (members == 0 || has_role_);
  } else if (scope_ == Scope::kChoice) {
    if (!choice().token_ids) choice().token_ids = output_ids_;
  } else if (scope_ == Scope::kUsage) {
    if (detailed_reasoning_) usage_.reasoning_tokens = detailed_reasoning_;
    if (usage_ != Usage()) chunk_->usage = usage_;
  }
  return Close();
}

inline ChunkHandler::Scope ChunkHandler::ArrayScope() {
  if (scope_ == Scope::kRoot) {
    Value();
    if (KeyIs("choices")) return Scope::kChoices;
  } else if (scope_ == Scope::kChoice) {
    if (KeyIs("token_ids")) return Scope::kTokenIds;
    if (KeyIs("output_ids")) return Scope::kOutputIds;
  } else if (scope_ == Scope::kDelta) {
    if (KeyIs("tool_calls")) return Scope::kToolCalls;
  } else if (scope_ == Scope::kLogprobs) {
    if (KeyIs("content")) return Scope::kLogprobsContent;
  }
  return Scope::kOther;
}

inline bool ChunkHandler::EndArray(rapidjson::SizeType elements) {
  const auto count = static_cast<std::int32_t>(elements);
  if (scope_ == Scope::kTokenIds) choice().token_ids = count;
  if (scope_ == Scope::kOutputIds) output_ids_ = count;
  if (scope_ == Scope::kToolCalls) choice().tool_calls = count > 0;
  if (scope_ == Scope::kLogprobsContent) choice().logprobs = count;
  return Close();
}

}  // namespace sseprof
