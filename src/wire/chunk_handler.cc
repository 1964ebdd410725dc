#include "wire/chunk_handler.h"

namespace sseprof {

void ChunkHandler::Begin(ChatChunk& chunk, std::string_view delta_key) {
  chunk_ = &chunk;
  delta_key_ = delta_key;
  outer_.clear();
  scope_ = Scope::kNothing;
  member_ = Member::kOther;
  is_object_ = has_error_ = has_metrics_ = has_timings_ = false;
}

bool ChunkHandler::String(const char* text, rapidjson::SizeType length, bool) {
  const std::string_view value(text, length);
  switch (member_) {
    case Member::kId:
      chunk_->id = value;
      break;
    case Member::kObject:
      if (value == "error") has_error_ = true;
      break;
    case Member::kFinishReason:
      choice().finish_reason = value;
      break;
    case Member::kContent:
      if (scope_ == Scope::kDelta) choice().content = value;
      break;
    case Member::kReasoningContent:
      if (!value.empty()) choice().reasoning = value;
      break;
    case Member::kReasoning:
      if (choice().reasoning.empty()) choice().reasoning = value;
      break;
    case Member::kRefusal:
      choice().refusal = !value.empty();
      break;
    default:
      return Value();
  }
  member_ = Member::kOther;
  return true;
}

bool ChunkHandler::Key(const char* text, rapidjson::SizeType length, bool) {
  member_ = MemberOf({text, length});
  return true;
}

bool ChunkHandler::Value() {
  if (member_ == Member::kError) has_error_ = true;
  if (member_ == Member::kRole) has_role_ = true;
  member_ = Member::kOther;
  return true;
}

bool ChunkHandler::Number(std::int64_t value) {
  const Member member = member_;
  Value();
  if (value < 0) return true;
  switch (member) {
    case Member::kIndex:
      if (value <= std::numeric_limits<std::uint16_t>::max()) {
        choice().index = static_cast<std::uint16_t>(value);
      }
      break;
    case Member::kPredicted:
      chunk_->predicted = value;
      break;
    case Member::kPromptTokens:
      usage_.prompt_tokens = value;
      break;
    case Member::kCompletionTokens:
      usage_.completion_tokens = value;
      break;
    case Member::kCachedTokens:
      usage_.cached_tokens = value;
      break;
    case Member::kReasoningTokens:
      (scope_ == Scope::kUsage ? usage_.reasoning_tokens : detailed_reasoning_) = value;
      break;
    default:
      break;
  }
  return true;
}

bool ChunkHandler::StartObject() {
  switch (scope_) {
    case Scope::kNothing:
      is_object_ = true;
      return Open(Scope::kRoot);
    case Scope::kChoices:
      chunk_->choices.emplace_back();
      output_ids_.reset();
      return Open(Scope::kChoice);
    default:
      break;
  }
  switch (member_) {
    case Member::kDelta:
      choice().opened = true;
      has_role_ = false;
      return Open(Scope::kDelta);
    case Member::kLogprobs:
      return Open(Scope::kLogprobs);
    case Member::kUsage:
      usage_ = {};
      detailed_reasoning_.reset();
      return Open(Scope::kUsage);
    case Member::kPromptDetails:
      return Open(Scope::kPromptDetails);
    case Member::kCompletionDetails:
      return Open(Scope::kCompletionDetails);
    case Member::kTimings:
      has_timings_ = true;
      return Open(Scope::kTimings);
    case Member::kMetrics:
      has_metrics_ = true;
      return Open(Scope::kOther);
    default:
      Value();
      return Open(Scope::kOther);
  }
}

bool ChunkHandler::EndObject(rapidjson::SizeType members) {
  if (scope_ == Scope::kDelta) {
    choice().filler = !choice().output() && (members == 0 || has_role_);
  } else if (scope_ == Scope::kChoice) {
    if (!choice().token_ids) choice().token_ids = output_ids_;
  } else if (scope_ == Scope::kUsage) {
    if (detailed_reasoning_) usage_.reasoning_tokens = detailed_reasoning_;
    if (usage_ != Usage()) chunk_->usage = usage_;
  }
  Close();
  return true;
}

bool ChunkHandler::StartArray() {
  switch (member_) {
    case Member::kChoices:
      return Open(Scope::kChoices);
    case Member::kTokenIds:
      return Open(Scope::kTokenIds);
    case Member::kOutputIds:
      return Open(Scope::kOutputIds);
    case Member::kToolCalls:
      return Open(Scope::kToolCalls);
    case Member::kContent:
      return Open(scope_ == Scope::kLogprobs ? Scope::kLogprobsContent : Scope::kOther);
    default:
      Value();
      return Open(Scope::kOther);
  }
}

bool ChunkHandler::EndArray(rapidjson::SizeType elements) {
  const auto count = static_cast<std::int32_t>(elements);
  if (scope_ == Scope::kTokenIds) choice().token_ids = count;
  if (scope_ == Scope::kOutputIds) output_ids_ = count;
  if (scope_ == Scope::kToolCalls) choice().tool_calls = count > 0;
  if (scope_ == Scope::kLogprobsContent) choice().logprobs = count;
  Close();
  return true;
}

bool ChunkHandler::Open(Scope scope) {
  outer_.push_back(scope_);
  scope_ = scope;
  member_ = Member::kOther;
  return true;
}

void ChunkHandler::Close() {
  scope_ = outer_.back();
  outer_.pop_back();
  member_ = Member::kOther;
}

ChunkHandler::Member ChunkHandler::MemberOf(std::string_view name) const {
  switch (scope_) {
    case Scope::kRoot:
      return RootMember(name);
    case Scope::kChoice:
      return ChoiceMember(name);
    case Scope::kDelta:
      return DeltaMember(name);
    case Scope::kUsage:
      return UsageMember(name);
    case Scope::kLogprobs:
      return name == "content" ? Member::kContent : Member::kOther;
    case Scope::kPromptDetails:
      return name == "cached_tokens" ? Member::kCachedTokens : Member::kOther;
    case Scope::kCompletionDetails:
      return name == "reasoning_tokens" ? Member::kReasoningTokens : Member::kOther;
    case Scope::kTimings:
      return name == "predicted_n" ? Member::kPredicted : Member::kOther;
    default:
      return Member::kOther;
  }
}

ChunkHandler::Member ChunkHandler::RootMember(std::string_view name) {
  if (name == "id") return Member::kId;
  if (name == "choices") return Member::kChoices;
  if (name == "usage") return Member::kUsage;
  if (name == "object") return Member::kObject;
  if (name == "error") return Member::kError;
  if (name == "timings") return Member::kTimings;
  if (name == "metrics") return Member::kMetrics;
  return Member::kOther;
}

ChunkHandler::Member ChunkHandler::ChoiceMember(std::string_view name) const {
  if (name == delta_key_) return Member::kDelta;
  if (name == "index") return Member::kIndex;
  if (name == "finish_reason") return Member::kFinishReason;
  if (name == "logprobs") return Member::kLogprobs;
  if (name == "token_ids") return Member::kTokenIds;
  if (name == "output_ids") return Member::kOutputIds;
  return Member::kOther;
}

ChunkHandler::Member ChunkHandler::DeltaMember(std::string_view name) {
  if (name == "content") return Member::kContent;
  if (name == "role") return Member::kRole;
  if (name == "reasoning_content") return Member::kReasoningContent;
  if (name == "reasoning") return Member::kReasoning;
  if (name == "tool_calls") return Member::kToolCalls;
  if (name == "refusal") return Member::kRefusal;
  return Member::kOther;
}

ChunkHandler::Member ChunkHandler::UsageMember(std::string_view name) {
  if (name == "prompt_tokens") return Member::kPromptTokens;
  if (name == "completion_tokens") return Member::kCompletionTokens;
  if (name == "reasoning_tokens") return Member::kReasoningTokens;
  if (name == "prompt_tokens_details") return Member::kPromptDetails;
  if (name == "completion_tokens_details") return Member::kCompletionDetails;
  return Member::kOther;
}

}  // namespace sseprof
