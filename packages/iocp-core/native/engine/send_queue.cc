#include "send_queue.h"

#include <algorithm>
#include <cstring>

#include "../base/check.h"
#include "chunk_memory.h"

namespace frameport {

namespace {
// Small sends that wait for a full socket share a chunk of this size; a larger send gets a chunk of its own length,
constexpr size_t kChunkBytesMin = 16 * 1024;
// and one over this gets several, so that its memory is freed as it is sent. Whatever was freed before, the C library
// of Linux maps an allocation of this size separately, and unmaps it when it is freed (M_MMAP_THRESHOLD, mallopt(3)).
constexpr size_t kChunkBytesMax = 32 * 1024 * 1024;
// The bytes of one attempt: for a peer that reads as fast as we send, the kernel may copy all of them in one call.
constexpr size_t kOfferBytesMax = 4 * 1024 * 1024;
}  // namespace

bool SendQueue::append(const uint8_t* bytes, size_t length) {
  Chunk* last = last_;
  if (last == nullptr || length > last->capacity - last->end) return append_beyond(bytes, length);
  std::memcpy(last->bytes() + last->end, bytes, length);
  last->end += length;
  length_ += length;
  return true;
}

bool SendQueue::append_beyond(const uint8_t* bytes, size_t length) {
  if (length == 0) return true;
  const size_t room = last_ == nullptr ? 0 : last_->capacity - last_->end;
  // Allocates first, so that nothing has changed if there is no memory.
  Chunks added;
  if (!copy_into_chunks(bytes + room, length - room, &added)) return false;
  if (room > 0) {
    std::memcpy(last_->bytes() + last_->end, bytes, room);
    last_->end += room;
  }
  (last_ == nullptr ? first_ : last_->next) = added.first;
  last_ = added.last;
  length_ += length;
  return true;
}

bool SendQueue::copy_into_chunks(const uint8_t* bytes, size_t length, Chunks* added) {
  do {
    const size_t part = std::min(length, kChunkBytesMax);
    const size_t capacity = std::max(part, kChunkBytesMin);
    auto* chunk = static_cast<Chunk*>(allocate_chunk(sizeof(Chunk) + capacity));
    if (chunk == nullptr) {
      free_chunks(added->first);
      return false;
    }
    *chunk = Chunk{nullptr, capacity, 0, part};
    std::memcpy(chunk->bytes(), bytes, part);
    (added->first == nullptr ? added->first : added->last->next) = chunk;
    added->last = chunk;
    bytes += part;
    length -= part;
  } while (length > 0);
  return true;
}

uint32_t SendQueue::front(SendPart* parts) const {
  uint32_t count = 0;
  size_t room = kOfferBytesMax;
  for (Chunk* chunk = first_; chunk != nullptr && count < kSendPartsMax && room > 0; chunk = chunk->next) {
    const size_t length = std::min(chunk->end - chunk->begin, room);
    if (length > 0) parts[count++] = {chunk->bytes() + chunk->begin, length};
    room -= length;
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
  free_chunks(first_);
  first_ = last_ = nullptr;
  length_ = 0;
}

void SendQueue::free_chunks(Chunk* first) {
  for (Chunk* chunk = first; chunk != nullptr;) {
    Chunk* next = chunk->next;
    free_chunk(chunk, sizeof(Chunk) + chunk->capacity);
    chunk = next;
  }
}

}  // namespace frameport
