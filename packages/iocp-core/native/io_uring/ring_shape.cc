#include "ring_shape.h"

namespace frameport::io_uring {

// 256 submissions are a batch of sends; more are handed over in several calls. 4,096 completions are eight full
// batches; what is over waits in the kernel. 80 KiB together. Without CAP_IPC_LOCK they count against RLIMIT_MEMLOCK:
// Linux before 5.12 did so, and 6.18 was seen to do it again.
// 512 KiB at the kernel's disposal: what one batch brings is read again when it is processed, and should still be in
// the cache. A frame of a few bytes uses up a whole buffer, so those are a page: the pool then has a thousand of them.
const RingShape kRingShape = {256, 4096, 512 * 1024, true, 4096};

}  // namespace frameport::io_uring
