// Replaces native/backends/io_uring/ring_shape.cc, as the variant `small-ring` does, so that each episode can choose
// its own shape.
#include "ring_shape.h"

namespace frameport::fuzz {

// The symbol that the sources under test read, but not const.
io_uring::RingShape shape asm("_ZN9frameport8io_uring10kRingShapeE") = {128, 1024, 512 * 1024, true, 4096};

void set_ring_shape(const io_uring::RingShape& chosen) { shape = chosen; }

}  // namespace frameport::fuzz
