#include "net/queue_look.h"

#include <algorithm>

namespace sseprof {

void FindChunkEnds(std::string_view wire, ChunkDecoder decoder, WireEnds& ends) {
  ends.clear();
  std::size_t at = 0;
  while (at < wire.size()) {
    const ChunkDecoder::Piece piece = decoder.Next(wire.substr(at));
    at += piece.consumed;
    if (!piece.ends_chunk) continue;
    const std::size_t end = at + 2;  // its CR LF
    if (end < wire.size() && !decoder.done()) ends.push_back(end);
  }
  ends.push_back(wire.size());
}

void FindBlankLineEnds(std::string_view wire, WireEnds& ends) {
  ends.clear();
  for (auto at = wire.find('\n', 1); at < wire.size() - 1; at = wire.find('\n', at + 1)) {
    const std::string_view before = wire.substr(0, at);
    if (before.ends_with('\n') || before.ends_with("\n\r")) ends.push_back(at + 1);
  }
  ends.push_back(wire.size());
}

void FindRecordEnds(std::string_view wire, std::size_t left, WireEnds& ends) {
  constexpr std::size_t kHeader = 5;
  ends.clear();
  if (left > 0) ends.push_back(left);
  while (left < wire.size()) {
    const std::string_view header = wire.substr(left, kHeader);
    if (header[0] < 20 || header[0] > 24 || (header.size() > 1 && header[1] != 3)) {
      ends.clear();
      return;
    }
    std::size_t length = kHeader;
    if (header.size() == kHeader) {
      const auto high = static_cast<unsigned char>(header[3]);
      const auto low = static_cast<unsigned char>(header[4]);
      length += std::size_t{high} << 8 | low;
    }
    left += length;
    ends.push_back(left);
  }
}

const QueueLook& QueueLooker::Look(int fd, const ClockMap& clocks, const Framing& framing) {
  fd_ = fd;
  clocks_ = &clocks;
  look_ = {.points = std::move(look_.points)};
  look_.points.clear();
  const Peek whole = PeekCopy(fd, copy_);
  look_.bytes = whole.bytes;
  if (whole.bytes == 0 || !whole.stamp) return look_;
  FindEnds({copy_.data(), whole.bytes}, framing);
  const bool one_buffer = look_.points.size() == 1 || PeekStamp(fd, 1).stamp == whole.stamp;
  if (one_buffer && framing.kind == Framing::Kind::kBytes) look_.points.resize(1);
  const QueueLook::Point end = {.length = whole.bytes,
                                .stamp = clocks.ToMonotonic(*whole.stamp),
                                .buffer_ends = whole.bytes < copy_.size()};
  look_.points.back() = end;
  if (look_.points.size() > 1) {
    look_.points.front().stamp = StampAt(look_.points.front().length);
    StampBetween(0, look_.points.size() - 1);
  }
  for (std::size_t i = 0; i + 1 < look_.points.size(); ++i) {
    QueueLook::Point& point = look_.points[i];
    if (point.stamp == look_.points[i + 1].stamp) continue;
    point.buffer_ends = StampAt(point.length + 1) != point.stamp;
  }
  if (framing.kind == Framing::Kind::kRecords) CountRecords();
  return look_;
}

// The last of the ends is where all that waits ends.
void QueueLooker::FindEnds(std::string_view wire, const Framing& framing) {
  if (framing.kind == Framing::Kind::kRecords) {
    FindRecordEnds(wire, framing.record_left, ends_);
    if (!ends_.empty() && ends_.back() > wire.size())
      look_.record_left = ends_.back() - wire.size();
    look_.records = ends_.size() - (look_.record_left > 0 ? 1 : 0);
    if (ends_.empty()) ends_.push_back(wire.size());
  } else if (framing.chunks != nullptr) {
    FindChunkEnds(wire, *framing.chunks, ends_);
  } else {
    FindBlankLineEnds(wire, ends_);
  }
  for (const std::size_t length : ends_) look_.points.push_back({.length = length});
}

// Places become numbers of records. A record that is cut has no place yet.
void QueueLooker::CountRecords() {
  look_.points.resize(look_.records);
  for (std::size_t i = 0; i < look_.points.size(); ++i) look_.points[i].length = i + 1;
}

// Buffers are in order, so that two ends with one stamp have only that stamp between them.
void QueueLooker::StampBetween(std::size_t low, std::size_t high) {
  if (high - low < 2) return;
  std::vector<QueueLook::Point>& points = look_.points;
  if (points[low].stamp == points[high].stamp) {
    for (std::size_t i = low + 1; i < high; ++i) points[i].stamp = points[low].stamp;
    return;
  }
  const std::size_t middle = low + (high - low) / 2;
  points[middle].stamp = StampAt(points[middle].length);
  StampBetween(low, middle);
  StampBetween(middle, high);
}

// A segment that came since may have joined the last buffer: nothing in the look is later than it.
Instant QueueLooker::StampAt(std::size_t length) const {
  const Instant last = look_.points.back().stamp;
  const Peek peek = PeekStamp(fd_, length);
  return peek.stamp ? std::min(clocks_->ToMonotonic(*peek.stamp), last) : last;
}

}  // namespace sseprof
