#ifndef FRAMEPORT_IO_URING_SEND_H_
#define FRAMEPORT_IO_URING_SEND_H_

#include <sys/socket.h>

#include "../../port.h"
#include "kernel_abi.h"
#include "ring.h"
#include "taken.h"

namespace frameport::io_uring {

// `header` stays untouched until the kernel has taken the entry; record and bytes until the completion.
void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header);
Taken take_send(const CompletionEntry& entry, Completion& completion);

// Offers the bytes of many connections in one system call, and has the answers when it returns: none of the requests
// may wait, so the kernel completes each while it takes it. Returns how many of the first attempts were answered; fewer
// than all where the ring is the wrong way (a single attempt) or has no room, and never with a request under way.
size_t send_together(Ring& ring, SendAttempt* attempts, size_t count);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_SEND_H_
