#ifndef FRAMEPORT_RECEIVE_POOL_H_
#define FRAMEPORT_RECEIVE_POOL_H_

#include <cstddef>
#include <cstdint>

#include "../../seams/receive_memory.h"

namespace frameport {

// The room for a receive: `length` bytes at `bytes`, inside buffer `buffer`.
struct ReceiveRoom {
  uint8_t* bytes = nullptr;
  uint32_t length = 0;
  uint32_t buffer = 0;
};

// Fixed buffers over one block of memory, each with the number of pieces that are still being read. Short receives
// are packed one after another into the same buffer, so a batch of small frames touches little memory; a buffer is
// written from its start again only when no piece of it is being read.
class ReceivePool {
 public:
  // Allocates its own memory for the counts; see `is_made`.
  explicit ReceivePool(const ReceiveMemory& memory);
  ~ReceivePool();
  ReceivePool(const ReceivePool&) = delete;
  ReceivePool& operator=(const ReceivePool&) = delete;

  // False if there was no memory: nothing else may be called then.
  bool is_made() const { return buffers_ != nullptr && free_ != nullptr; }

  // Whether `take` has room to return.
  bool has_room() const;
  // False if every buffer is being read: the caller leaves the bytes in the kernel and tries again.
  // The room is lent until the next call of `take`; only `keep` counts it.
  bool take(ReceiveRoom& room);
  // The first `length` bytes of the room now have one reader.
  void keep(const ReceiveRoom& room, uint32_t length);
  // Removes one reader of the buffer.
  void release(uint32_t buffer);

 private:
  struct Buffer {
    uint32_t readers = 0;
    uint32_t filled = 0;
  };

  uint8_t* bytes_of(uint32_t index) const { return memory_ + static_cast<size_t>(index) * buffer_bytes_; }

  uint8_t* const memory_;
  const uint32_t count_;
  const uint32_t buffer_bytes_;
  const uint32_t room_bytes_min_;
  int32_t& in_use_;
  Buffer* const buffers_;
  uint32_t* const free_;
  uint32_t free_count_ = 0;
  uint32_t filling_ = 0;
};

}  // namespace frameport

#endif  // FRAMEPORT_RECEIVE_POOL_H_
