#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sseprof {

/// Fields of the request body that we add on our own, and can drop if the server refuses them.
/// A value is a set of them.
struct AddedFields {
  bool include_usage = true;      ///< stream_options.include_usage
  bool continuous_usage = false;  ///< stream_options.continuous_usage_stats
  bool token_ids = false;         ///< return_token_ids
  bool operator==(const AddedFields&) const = default;
};

/// What is the same in every request of a run.
struct ChatOptions {
  std::string model;
  std::int64_t max_tokens = 256;
  double temperature = 0.0;
  bool stream = true;
  bool ignore_eos = false;
  std::string extra_body;  ///< a JSON object whose keys are set last, overriding ours; or empty
};

/// The JSON body of a chat completion. `messages` is a JSON array, verbatim.
/// @throws std::invalid_argument if extra_body is not a JSON object (says where).
std::string BuildChatBody(const ChatOptions& options, std::string_view messages,
                          std::optional<std::int64_t> max_tokens, const AddedFields& added);

/// Which of `asked` a 400/422 with this message refuses: the set to go on with, or nothing if the
/// message names none of them. A message that names only stream_options takes
/// continuous_usage_stats away first, then all of it.
std::optional<AddedFields> FieldsAfterRefusal(const AddedFields& asked, std::string_view message);

/// The names of fields in `before` that `after` lacks, for the warning.
std::vector<std::string> DroppedNames(const AddedFields& before, const AddedFields& after);

}  // namespace sseprof
