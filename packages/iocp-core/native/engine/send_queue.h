#ifndef FRAMEPORT_ENGINE_SEND_QUEUE_H_
#define FRAMEPORT_ENGINE_SEND_QUEUE_H_

#include <cstddef>
#include <cstdint>

#include "../port.h"

namespace frameport {

// The bytes of one connection that the kernel had no room for, in order. Bytes never move once they are in: a send in
// flight points at them (rule 1), and bytes that are added in between are appended.
class SendQueue {
 public:
  SendQueue() = default;
  ~SendQueue() { clear(); }
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  size_t length() const { return length_; }
  // Copies. Returns false if there is no memory; the queue is then unchanged.
  bool append(const uint8_t* bytes, size_t length);
  // The first bytes to offer to the kernel, as up to kSendPartsMax parts. Returns the number of parts.
  uint32_t front(SendPart* parts) const;
  // Removes the first `length` bytes, whose send has completed.
  void consume(size_t length);
  void clear();

 private:
  struct Chunk {
    Chunk* next;
    size_t capacity;
    size_t begin;
    size_t end;
    uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this + 1); }
  };

  // Chunks that belong together, in order.
  struct Chunks {
    Chunk* first = nullptr;
    Chunk* last = nullptr;
  };

  // Whether the bytes exceed the room in the last chunk.
  bool append_beyond(const uint8_t* bytes, size_t length);
  // Copies into new chunks; the length is not 0. Returns false, and keeps no chunk, if there is no memory.
  static bool copy_into_chunks(const uint8_t* bytes, size_t length, Chunks* added);
  static void free_chunks(Chunk* first);

  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  size_t length_ = 0;
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_SEND_QUEUE_H_
