#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sseprof/time.h"

namespace sseprof {

/// The kernel's buffers in one read, as far as they can be told apart. Offsets count the bytes of
/// the read.
struct WireBuffer {
  std::size_t end = 0;    ///< the first byte behind it
  Instant at{};           ///< arrival of its last byte
  Nanos width{};          ///< all of it arrived in [at - width, at]
  bool end_known = true;  ///< `end` is the true end of a kernel buffer
};

/// A look at a socket before it is read: bytes that wait and, at growing lengths, the receive time
/// of the buffer that holds the last of them.
struct QueueLook {
  struct Point {
    std::size_t length = 0;  ///< places up to here
    Instant stamp{};
    bool buffer_ends = false;  ///< the next byte is in another buffer (or there is none)
  };
  std::size_t bytes = 0;
  std::size_t records = 0;      ///< TLS: complete ones among them
  std::size_t record_left = 0;  ///< TLS: what is still to come of the last one, which is cut
  std::vector<Point> points;    ///< ascending; empty: no stamp came
};

/// Arrival intervals of one socket. Pure: it is given every instant. Let P be an instant at which
/// the socket was certainly empty; a buffer's bytes arrived after P or after the buffer before it,
/// and no later than the buffer's stamp.
class SocketArrivals {
 public:
  /// The socket was certainly empty at this instant.
  void EmptyAt(Instant instant) {
    if (instant > empty_at_) empty_at_ = instant;
  }

  /// Starts a read: what the look before it says of the bytes to come. Stamps that cannot be true
  /// (before P - 50 us, or after `now`) make the whole look void: returns false, and the bytes are
  /// placed by the clock alone.
  bool Begin(const QueueLook& look, Instant now);

  /// True if the look has the place `offset`; else what is there came while we read.
  bool Has(std::size_t offset) const { return !buffers_.empty() && offset < buffers_.back().end; }

  /// The buffer that holds the read's place `offset`. `now` is a clock reading after the read.
  WireBuffer At(std::size_t offset, Instant now) const;

  /// Ends a read. `took_all`: all that waited at the instant `before`, so that what is there now
  /// came later.
  void End(bool took_all, Instant before);

  Instant empty_at() const { return empty_at_; }

 private:
  Instant empty_at_{};
  std::vector<WireBuffer> buffers_;  ///< of the present read
};

}  // namespace sseprof
