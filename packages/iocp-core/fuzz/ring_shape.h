#ifndef FRAMEPORT_FUZZ_RING_SHAPE_H_
#define FRAMEPORT_FUZZ_RING_SHAPE_H_

#include "../native/backends/io_uring/ring_shape.h"

namespace frameport::fuzz {

// Sets the shape of the rings opened from now on.
void set_ring_shape(const io_uring::RingShape& shape);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_RING_SHAPE_H_
