#include "send_queue.h"

#include <algorithm>
#include <cstring>

#include "../check.h"
#include "chunk_memory.h"

namespace frameport {

namespace {
// Small sends behind a full socket share a chunk of this size; a larger send gets a chunk of its own length.
constexpr size_t kChunkBytesMin = 16 * 1024;
}  // namespace

bool SendQueue::append(const uint8_t* bytes, size_t length) {
  if (length == 0) return true;
  const size_t room = last_ == nullptr ? 0 : last_->capacity - last_->end;
  const size_t first_part = std::min(room, length);
  const size_t rest = length - first_part;
  Chunk* added = nullptr;
  if (rest > 0) {
    const size_t capacity = std::max(rest, kChunkBytesMin);
    added = static_cast<Chunk*>(allocate_chunk(sizeof(Chunk) + capacity));
    if (added == nullptr) return false;
    *added = Chunk{nullptr, capacity, 0, rest};
    std::memcpy(added->bytes(), bytes + first_part, rest);
  }
  if (first_part > 0) {
    std::memcpy(last_->bytes() + last_->end, bytes, first_part);
    last_->end += first_part;
  }
  if (added != nullptr) {
    (last_ == nullptr ? first_ : last_->next) = added;
    last_ = added;
  }
  length_ += length;
  return true;
}

uint32_t SendQueue::front(SendPart* parts) const {
  uint32_t count = 0;
  for (Chunk* chunk = first_; chunk != nullptr && count < kSendPartsMax; chunk = chunk->next) {
    if (chunk->end > chunk->begin) parts[count++] = {chunk->bytes() + chunk->begin, chunk->end - chunk->begin};
  }
  return count;
}

void SendQueue::consume(size_t length) {
  check(length <= length_, "no more is sent than was queued");
  length_ -= length;
  while (length > 0) {
    Chunk* chunk = first_;
    const size_t taken = std::min(length, chunk->end - chunk->begin);
    chunk->begin += taken;
    length -= taken;
    if (chunk->begin < chunk->end) break;
    first_ = chunk->next;
    if (first_ == nullptr) last_ = nullptr;
    free_chunk(chunk, sizeof(Chunk) + chunk->capacity);
  }
}

void SendQueue::clear() {
  while (first_ != nullptr) {
    Chunk* chunk = first_;
    first_ = chunk->next;
    free_chunk(chunk, sizeof(Chunk) + chunk->capacity);
  }
  last_ = nullptr;
  length_ = 0;
}

}  // namespace frameport
