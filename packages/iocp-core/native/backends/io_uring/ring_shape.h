#ifndef FRAMEPORT_IO_URING_RING_SHAPE_H_
#define FRAMEPORT_IO_URING_RING_SHAPE_H_

#include <cstdint>

namespace frameport::io_uring {

// Sizes of a port's queues. A test build replaces the file with the values (see native/variants/small_ring): with tiny
// ones every path for a full queue is taken all the time.
struct RingShape {
  uint32_t submissions;         // a power of two
  uint32_t completions;         // a power of two
  uint32_t lent_bytes;          // what the kernel may fill before somebody has read
  bool incremental;             // whether to use incremental buffers where the kernel has them
  uint32_t whole_buffer_bytes;  // where it has not: the size of the buffers that one receive uses up
};

extern const RingShape kRingShape;

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_RING_SHAPE_H_
