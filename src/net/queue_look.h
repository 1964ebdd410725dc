#pragma once

#include <string_view>
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

/// Places in what waits, ascending.
using WireEnds = std::vector<std::size_t>;

/// Ends of chunks in `wire`, the last of them wire.size(): what a body in chunked coding, standing
/// at `decoder`, can be cut at. These three replace what `ends` holds; public for tests.
void FindChunkEnds(std::string_view wire, ChunkDecoder decoder, WireEnds& ends);

/// Ends of TLS records in `wire`, of which `left` bytes belong to a record begun before. The last
/// end may lie behind wire.size(): a record of which a part waits. Empty: these are no records.
void FindRecordEnds(std::string_view wire, std::size_t left, WireEnds& ends);

/// Ends of blank lines in `wire`, the last of them wire.size().
void FindBlankLineEnds(std::string_view wire, WireEnds& ends);

/// Tells the kernel's buffers in a socket's receive queue apart, by peeking at growing lengths: the
/// stamp that a peek returns is the one of the buffer that holds its last byte. One per event loop;
/// it owns the memory that the looks need, and keeps it: looks do not allocate once it has grown.
class QueueLooker {
 public:
  /// `length`: how much one read takes at most.
  explicit QueueLooker(std::size_t length) : copy_(length) {}

  /// Looks at a readable socket. Where more than one chunk or record waits, in different buffers,
  /// every end of one gets its own stamp. Without points if the records can't be told apart. The
  /// look lives until the next one.
  const QueueLook& Look(int fd, const ClockMap& clocks, const Framing& framing);

 private:
  void FindEnds(std::string_view wire, const Framing& framing);
  void CountRecords();
  void StampBetween(std::size_t low, std::size_t high);
  Instant StampAt(std::size_t length) const;

  std::vector<char> copy_;
  WireEnds ends_;
  QueueLook look_;
  int fd_ = -1;
  const ClockMap* clocks_ = nullptr;
};

}  // namespace sseprof
