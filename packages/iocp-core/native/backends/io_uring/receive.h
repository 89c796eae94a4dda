#ifndef FRAMEPORT_IO_URING_RECEIVE_H_
#define FRAMEPORT_IO_URING_RECEIVE_H_

#include "../../port.h"
#include "buffer_ring.h"
#include "kernel_abi.h"
#include "taken.h"

namespace frameport::io_uring {

// The kernel's multishot receive waits for a wake-up once it has read what there was, and counts several of them as
// one: a reset, or a close on a Unix socket, that came together with the last bytes is never told (known to Linux up to
// 6.18 at least). So sockets that brought bytes are looked at once more, and the receives of those that hung up
// (`Socket::hung_up`) are submitted anew, this time to look before they wait. Even one of these may wait with the end
// unread when it has brought bytes (a Unix socket, small buffers), so that each look is followed by another.
void prepare_receive(const ReceiveOperation& operation, SubmissionEntry& entry);
Taken take_receive(const CompletionEntry& entry, BufferRing& buffers, Completion& completion);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_RECEIVE_H_
