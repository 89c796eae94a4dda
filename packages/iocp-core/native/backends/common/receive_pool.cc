#include "receive_pool.h"

#include <algorithm>
#include <new>

#include "../../base/check.h"
#include "../../seams/receive_pages.h"

namespace frameport {

namespace {
// With less room than this, a receive costs more in system calls than packing saves in memory.
constexpr uint32_t kRoomBytesMin = 16 * 1024;
}  // namespace

ReceivePool::ReceivePool(const ReceiveMemory& memory)
    : memory_(memory.bytes),
      count_(memory.buffers),
      buffer_bytes_(memory.buffer_bytes),
      room_bytes_min_(std::min(kRoomBytesMin, memory.buffer_bytes)),
      in_use_(*memory.in_use),
      buffers_(new (std::nothrow) Buffer[memory.buffers]),
      free_(new (std::nothrow) uint32_t[memory.buffers]) {
  check(count_ > 0 && buffer_bytes_ > 0, "a receive pool has at least one buffer of one byte");
  if (!is_made()) return;
  close_pages(memory_, size_t{count_} * buffer_bytes_);
  // The lowest index is taken first: a port with little traffic touches one buffer only.
  for (uint32_t index = count_; index-- > 1;) free_[free_count_++] = index;
}

ReceivePool::~ReceivePool() {
  delete[] buffers_;
  delete[] free_;
}

bool ReceivePool::has_room() const {
  return free_count_ > 0 || buffer_bytes_ - buffers_[filling_].filled >= room_bytes_min_;
}

bool ReceivePool::take(ReceiveRoom& room) {
  const Buffer* buffer = &buffers_[filling_];
  if (buffer_bytes_ - buffer->filled < room_bytes_min_) {
    if (free_count_ == 0) return false;
    filling_ = free_[--free_count_];
    buffer = &buffers_[filling_];
    check(buffer->readers == 0 && buffer->filled == 0, "a free buffer has no reader and no bytes");
  }
  uint8_t* const bytes = bytes_of(filling_);
  if (buffer->readers == 0) open_pages(bytes, buffer_bytes_);
  room.buffer = filling_;
  room.bytes = bytes + buffer->filled;
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
  close_pages(bytes_of(index), buffer_bytes_);
  if (index != filling_) free_[free_count_++] = index;
}

}  // namespace frameport
