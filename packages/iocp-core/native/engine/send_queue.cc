#include "send_queue.h"

#include <algorithm>
#include <cstring>

#include "../base/check.h"
#include "chunk_memory.h"

namespace frameport {

namespace {
// Small sends behind a full socket share a chunk of this size; a larger send gets a chunk of its own length,
constexpr size_t kChunkBytesMin = 16 * 1024;
// and one over this gets several, so that its memory goes as it is sent. Whatever was freed before, the C library of
// Linux maps an allocation of this length on its own, and unmaps it when it is freed (M_MMAP_THRESHOLD, mallopt(3)).
constexpr size_t kChunkBytesMax = 32 * 1024 * 1024;
// What one attempt offers the kernel: a peer that reads as fast as we send may have it copy all of it in one call.
constexpr size_t kOfferBytesMax = 4 * 1024 * 1024;
}  // namespace

bool SendQueue::append(const uint8_t* bytes, size_t length) {
  if (length == 0) return true;
  const size_t room = last_ == nullptr ? 0 : last_->capacity - last_->end;
  if (length <= room) {
    fill(bytes, length);
    return true;
  }
  // What needs new memory first: when there is none, nothing has changed.
  SendQueue rest;
  if (!rest.append_chunks(bytes + room, length - room)) return false;
  if (room > 0) fill(bytes, room);
  take_over(rest);
  return true;
}

void SendQueue::fill(const uint8_t* bytes, size_t length) {
  Chunk* last = last_;
  std::memcpy(last->bytes() + last->end, bytes, length);
  last->end += length;
  length_ += length;
}

bool SendQueue::append_chunks(const uint8_t* bytes, size_t length) {
  while (length > 0) {
    const size_t part = std::min(length, kChunkBytesMax);
    const size_t capacity = std::max(part, kChunkBytesMin);
    auto* chunk = static_cast<Chunk*>(allocate_chunk(sizeof(Chunk) + capacity));
    if (chunk == nullptr) return false;
    *chunk = Chunk{nullptr, capacity, 0, part};
    std::memcpy(chunk->bytes(), bytes, part);
    (last_ == nullptr ? first_ : last_->next) = chunk;
    last_ = chunk;
    length_ += part;
    bytes += part;
    length -= part;
  }
  return true;
}

void SendQueue::take_over(SendQueue& rest) {
  if (rest.first_ == nullptr) return;
  (last_ == nullptr ? first_ : last_->next) = rest.first_;
  last_ = rest.last_;
  length_ += rest.length_;
  rest.first_ = rest.last_ = nullptr;
  rest.length_ = 0;
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
  while (first_ != nullptr) {
    Chunk* chunk = first_;
    first_ = chunk->next;
    free_chunk(chunk, sizeof(Chunk) + chunk->capacity);
  }
  last_ = nullptr;
  length_ = 0;
}

}  // namespace frameport
