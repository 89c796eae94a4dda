#include "receive_pool.h"

#include <algorithm>

#include "check.h"

namespace frameport {

namespace {
// A receive with less room than this costs more system calls than the packing saves memory.
constexpr uint32_t kRoomBytesMin = 16 * 1024;
}  // namespace

ReceivePool::ReceivePool(const ReceiveMemory& memory)
    : memory_(memory.bytes),
      count_(memory.buffers),
      buffer_bytes_(memory.buffer_bytes),
      room_bytes_min_(std::min(kRoomBytesMin, memory.buffer_bytes)),
      in_use_(*memory.in_use),
      buffers_(new Buffer[memory.buffers]),
      free_(new uint32_t[memory.buffers]) {
  check(count_ > 0 && buffer_bytes_ > 0, "a receive pool has at least one buffer of one byte");
  // The lowest index is taken first: a port with little traffic touches one buffer only.
  for (uint32_t index = count_; index-- > 1;) free_[free_count_++] = index;
}

ReceivePool::~ReceivePool() {
  delete[] buffers_;
  delete[] free_;
}

bool ReceivePool::take(ReceiveRoom& room) {
  const Buffer* buffer = &buffers_[filling_];
  if (buffer_bytes_ - buffer->filled < room_bytes_min_) {
    if (free_count_ == 0) return false;
    filling_ = free_[--free_count_];
    buffer = &buffers_[filling_];
    check(buffer->readers == 0 && buffer->filled == 0, "a free buffer has no reader and no bytes");
  }
  room.buffer = filling_;
  room.bytes = memory_ + static_cast<size_t>(filling_) * buffer_bytes_ + buffer->filled;
  room.length = buffer_bytes_ - buffer->filled;
  return true;
}

void ReceivePool::keep(const ReceiveRoom& room, uint32_t length) {
  check(room.buffer == filling_ && length > 0 && length <= room.length, "only the room taken last is kept");
  Buffer& buffer = buffers_[room.buffer];
  if (buffer.readers++ == 0) in_use_++;
  buffer.filled += length;
}

void ReceivePool::release(uint32_t index) {
  check(index < count_ && buffers_[index].readers > 0, "a buffer is released once per reader");
  Buffer& buffer = buffers_[index];
  if (--buffer.readers > 0) return;
  in_use_--;
  buffer.filled = 0;
  if (index != filling_) free_[free_count_++] = index;
}

}  // namespace frameport
