#ifndef FRAMEPORT_IO_URING_BUFFER_RING_H_
#define FRAMEPORT_IO_URING_BUFFER_RING_H_

#include <cstddef>
#include <cstdint>

#include "../../seams/receive_memory.h"
#include "kernel_abi.h"
#include "ring.h"
#include "ring_shape.h"

namespace frameport::io_uring {

// Bytes that the kernel wrote, with one reader.
struct Received {
  const uint8_t* bytes = nullptr;
  uint32_t buffer = 0;
};

// The receive memory, lent to the kernel in buffers, of which it takes one when bytes have arrived. Incremental buffers
// (Linux 6.12) are filled by one receive after another until they are full; older kernels use up a whole buffer for
// each receive, so those are smaller. A buffer returns to the kernel when the kernel is done with it **and** nobody
// reads it any longer.
class BufferRing {
 public:
  static constexpr uint16_t kGroup = 0;

  BufferRing() = default;
  ~BufferRing();
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;

  // The status is 0 if the kernel has the buffers. If it failed, everything it took was released.
  PortFault open(const Ring& ring, const ReceiveMemory& memory, const RingShape& shape);
  bool incremental() const { return incremental_; }
  // Unregisters the memory from the kernel. Call it before the ring is destroyed.
  void close(const Ring& ring);

  // Takes the answer of a receive: `length` bytes, at least one, in the buffer that `flags` name.
  Received take(uint32_t flags, uint32_t length);
  // A completion without bytes that names a buffer nevertheless.
  void take_unused(uint32_t flags);
  void release(uint32_t buffer);
  // Buffers that a receive can find: only a few, so that the bytes of one batch fit the cache of a core.
  uint32_t available() const { return available_; }
  // How many receives may find room in them. Only an estimate if several fill one buffer.
  uint32_t receives_expected() const { return available_ * receives_of_each_; }

 private:
  struct Buffer {
    uint32_t readers;
    uint32_t filled;
    bool lent;  // to the kernel
  };

  bool register_with(const Ring& ring, uint16_t flags, int32_t& status);
  uint8_t* bytes_of(uint32_t buffer) const;
  void lend(uint32_t buffer);
  void lend_more();
  void retire(uint32_t buffer);
  void set_free(uint32_t buffer);

  uint8_t* memory_ = nullptr;
  uint32_t count_ = 0;
  uint32_t buffer_bytes_ = 0;
  int32_t* in_use_ = nullptr;
  bool incremental_ = false;
  bool registered_ = false;
  BufferEntry* entries_ = nullptr;
  uint32_t entry_count_ = 0;
  uint16_t tail_ = 0;
  Buffer* buffers_ = nullptr;
  uint32_t* free_ = nullptr;  // the most recently used one is reused first
  uint32_t free_count_ = 0;
  uint32_t lent_max_ = 0;
  uint32_t available_ = 0;
  uint32_t receives_of_each_ = 1;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_BUFFER_RING_H_
