#pragma once

#include <span>
#include <vector>

#include "net/arrivals.h"
#include "net/chunk_decoder.h"
#include "net/kernel_stamp.h"

namespace sseprof {

/// Tells the kernel's buffers in a socket's receive queue apart, by peeking at growing lengths: the
/// stamp that a peek returns is the one of the buffer that holds its last byte. One per event loop;
/// it owns the memory that the looks need.
class QueueLooker {
 public:
  /// `length`: how much one read takes at most.
  explicit QueueLooker(std::size_t length) : copy_(length) {}

  /// Looks at a readable socket. Where the first and the last waiting byte lie in different
  /// buffers, every end of a chunk gets its own stamp; `decoder` is where the body stands (null: no
  /// chunked body, then blank lines take the place of chunk ends).
  const QueueLook& Look(int fd, const ClockMap& clocks, const ChunkDecoder* decoder);

 private:
  void FindEnds(std::size_t bytes, const ChunkDecoder* decoder);
  void StampBetween(std::size_t low, std::size_t high);
  Instant StampAt(std::size_t length) const;

  std::vector<char> copy_;
  QueueLook look_;
  int fd_ = -1;
  const ClockMap* clocks_ = nullptr;
};

/// Ends of chunks in `wire`, the last of them wire.size(): what a body in chunked coding, standing
/// at `decoder`, can be cut at. Public for tests.
std::vector<std::size_t> ChunkEnds(std::string_view wire, ChunkDecoder decoder);

/// Ends of blank lines in `wire`, the last of them wire.size().
std::vector<std::size_t> BlankLineEnds(std::string_view wire);

}  // namespace sseprof
