#ifndef FRAMEPORT_IO_URING_RING_SHAPE_H_
#define FRAMEPORT_IO_URING_RING_SHAPE_H_

#include <cstdint>

namespace frameport::io_uring {

// Sizes of a port's queues. A test build replaces the file with the values (see native/variants/small_ring): with tiny
// ones every path for a full queue is taken all the time.
struct RingShape {
  uint32_t submissions;         // a power of two
  uint32_t completions;         // a power of two
  uint32_t lent_bytes;          // the bytes that the kernel may fill before they are read
  bool incremental;             // whether to use incremental buffers if the kernel supports them
  uint32_t whole_buffer_bytes;  // otherwise: the size of the buffers, each of which one receive uses up
};

extern const RingShape kRingShape;

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_RING_SHAPE_H_
