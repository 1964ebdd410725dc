#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseprof/record.h"

namespace sseprof {

/// One choice of a chunk. Views live until the reader's next Parse.
struct ChoiceDelta {
  std::uint16_t index = 0;
  bool opened = false;         ///< it has a `delta` (annotations of a content filter have none)
  std::string_view content;    ///< visible text; empty: none
  std::string_view reasoning;  ///< reasoning_content or reasoning, the first that is not empty
  bool refusal = false;        ///< non-empty `refusal`
  bool tool_calls = false;     ///< non-empty `tool_calls`
  bool filler = false;         ///< its delta is empty, or a role without text
  std::optional<std::int32_t> token_ids;  ///< entries of token_ids / output_ids
  std::optional<std::int32_t> logprobs;   ///< entries of logprobs.content
  std::string_view finish_reason;         ///< empty: none

  bool visible() const { return !content.empty(); }
  bool output() const { return visible() || !reasoning.empty() || refusal || tool_calls; }
};

/// An error in the server's own words. `code` is text whatever its JSON type was.
struct ServerError {
  std::string message;
  std::string code;
};

/// A chat.completion.chunk, or (for `ParseWhole`) a chat.completion.
struct ChatChunk {
  std::string_view id;
  std::vector<ChoiceDelta> choices;
  std::optional<Usage> usage;             ///< null and absent are the same
  std::optional<std::int64_t> predicted;  ///< llama.cpp: timings.predicted_n
  /// vLLM's `metrics` or llama.cpp's `timings` object, verbatim but for line ends, now blanks.
  std::string_view server_metrics;
  std::optional<ServerError> error;

  /// Its letter in the record file, without regard to what came before it. Output goes before an
  /// error, that before a finish. Usage beside choices that are all filler without tokens is kUsage
  /// (gateways put a dummy choice there), unless it counts no completion token yet: then it is the
  /// running usage of a role-only chunk, which is kEmpty as every other chunk with an open choice.
  EventKind Kind() const;
};

/// What the last chunk of one stream looked like. Most chunks differ from the one before in their
/// text alone: what stands before and behind it is the same, byte for byte, so that they say the
/// same but for it, and need not be parsed. One per stream; not thread-safe.
class ChunkPattern {
 public:
  /// The next chunk is of another stream. Keeps its memory.
  void Forget() { data_.clear(); }

 private:
  friend class ChatChunkReader;
  /// The text of a chunk that differs in nothing else; empty: it does, or its text is escaped.
  std::string_view TextOf(std::string_view data) const;
  /// Takes note of a chunk whose text begins at `text_begin` of `data`, if it has nothing else.
  void Learn(std::string_view data, const ChatChunk& chunk, std::size_t text_begin);
  std::string_view id() const { return std::string_view(data_).substr(id_begin_, id_size_); }

  std::string data_;  ///< empty: nothing is known
  std::size_t text_begin_ = 0, text_end_ = 0;
  std::size_t id_begin_ = 0, id_size_ = 0;
  std::uint16_t index_ = 0;
};

/// Reads chunks by the shapes that real servers send (vLLM, SGLang, llama.cpp, TGI, TensorRT-LLM,
/// LMDeploy, Ollama, OpenAI, Azure, gateways): `choices` missing, null, empty or several; no
/// `delta`; no `index` (0); errors as object, string or flat. Of members with the same name the
/// last counts. Memory is reused between calls: no allocation for a usual chunk. Depth of the input
/// does not matter. Not thread-safe.
class ChatChunkReader {
 public:
  ChatChunkReader();
  ~ChatChunkReader();
  ChatChunkReader(ChatChunkReader&&) noexcept;
  ChatChunkReader& operator=(ChatChunkReader&&) noexcept;

  /// Parses one event's data, in valid UTF-8 as the decoder gives it; `type` is the event's type
  /// (`error` makes any data an error).
  /// Null if the data is no JSON object (a bad_event; `problem()` says why).
  const ChatChunk* Parse(std::string_view data, std::string_view type);
  /// The same, faster where the chunk is like the one before. `data` and `pattern` must live as
  /// long as the chunk is used.
  const ChatChunk* Parse(std::string_view data, std::string_view type, ChunkPattern& pattern);

  /// Parses a whole (not streamed) chat.completion, in any bytes: `message` stands where `delta`
  /// would.
  const ChatChunk* ParseWhole(std::string_view body);

  /// What was wrong with the last payload that gave null.
  const std::string& problem() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True if the data, trimmed of blanks, is `[DONE]`.
bool IsDone(std::string_view data);

/// The server's words in the body of an HTTP error, whatever its shape ({"error":{..}}, flat,
/// {"error":"text"}, {"detail":..}, {"message":..}); else the body's first 512 bytes.
ServerError ReadErrorBody(std::string_view body);

}  // namespace sseprof
