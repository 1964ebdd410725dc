#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sseprof {

inline constexpr std::int32_t kMaxModelLength = 40'960;   ///< prompt and answer together
inline constexpr std::int32_t kDefaultMaxTokens = 1'024;  ///< where a request names none

/// What the server heeds of a chat completion request.
struct ChatCall {
  bool stream = false;
  bool include_usage = false;     ///< stream_options
  bool continuous_usage = false;  ///< stream_options
  bool return_token_ids = false;
  bool ignore_eos = false;
  std::int32_t prompt_tokens = 0;  ///< by CountTextTokens and the chat template
  std::size_t prompt_hash = 0;     ///< of all messages
  std::int32_t max_tokens = kDefaultMaxTokens;
};

/// Reads a request body, strict about what it heeds and blind to everything else.
/// @throws ApiError  400: bad JSON, no messages, max_tokens below 1, n above 1, longer than
///   kMaxModelLength, ..; 404: another model than `model` (none named is fine)
ChatCall ParseChatCall(std::string_view body, std::string_view model);

}  // namespace sseprof
