#pragma once

#include <span>
#include <vector>

#include "net/arrivals.h"
#include "net/chunk_decoder.h"
#include "net/kernel_stamp.h"

namespace sseprof {

/// How the bytes in a queue are cut into what arrives as one.
struct Framing {
  enum class Kind {
    kBytes,    ///< plain: places count bytes
    kRecords,  ///< TLS, in the body: places count the complete records (RFC 8446, 5.1)
  };
  Kind kind = Kind::kBytes;
  const ChunkDecoder* chunks = nullptr;  ///< where a chunked body stands; null: blank lines cut
  std::size_t record_left = 0;           ///< of a TLS record whose begin was read before
};

/// Tells the kernel's buffers in a socket's receive queue apart, by peeking at growing lengths: the
/// stamp that a peek returns is the one of the buffer that holds its last byte. One per event loop;
/// it owns the memory that the looks need.
class QueueLooker {
 public:
  /// `length`: how much one read takes at most.
  explicit QueueLooker(std::size_t length) : copy_(length) {}

  /// Looks at a readable socket. Where the first and the last waiting byte lie in different
  /// buffers, every end of a chunk or record gets its own stamp. Without points if the records
  /// can't be told apart.
  const QueueLook& Look(int fd, const ClockMap& clocks, const Framing& framing);

 private:
  void FindEnds(std::size_t bytes, const Framing& framing);
  void CountRecords();
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

/// Ends of TLS records in `wire`, of which `left` bytes belong to a record begun before. The last
/// end may lie behind wire.size(): a record of which a part waits. Empty: these are no records.
std::vector<std::size_t> RecordEnds(std::string_view wire, std::size_t left);

/// Ends of blank lines in `wire`, the last of them wire.size().
std::vector<std::size_t> BlankLineEnds(std::string_view wire);

}  // namespace sseprof
