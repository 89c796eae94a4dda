#include "ring_shape.h"

namespace frameport::io_uring {

// 128 submissions are half a batch of sends; more are handed over in several calls. 1,024 completions are two full
// batches; the rest waits in the kernel. 32 KiB together with the ring of buffers. Without CAP_IPC_LOCK they count
// against RLIMIT_MEMLOCK, 64 KiB in many containers: Linux before 5.12 did so, and 6.18 was seen to do it again.
// The kernel gets 512 KiB: the bytes of one batch are read again when it is processed, and should still be in
// the cache. A frame of a few bytes uses up a whole buffer, so it is a page: the pool then has a thousand of them.
const RingShape kRingShape = {128, 1024, 512 * 1024, true, 4096};

}  // namespace frameport::io_uring
