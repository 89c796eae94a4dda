#ifndef FRAMEPORT_IO_URING_OPERATIONS_H_
#define FRAMEPORT_IO_URING_OPERATIONS_H_

#include <sys/socket.h>

#include "../../port.h"
#include "buffer_ring.h"
#include "kernel_abi.h"
#include "ring.h"
#include "entry_outcome.h"

// For each kind of operation, in the file of its name: the content of its entry in the submission queue, and the
// meaning of its entries in the completion queue.
namespace frameport::io_uring {

void prepare_accept(const AcceptOperation& operation, SubmissionEntry& entry);
EntryOutcome take_accept(const CompletionEntry& entry, Completion& completion);

void prepare_connect(const ConnectOperation& operation, SubmissionEntry& entry);
EntryOutcome take_connect(const CompletionEntry& entry, Completion& completion);

// The kernel's multishot receive waits for a wake-up once it has read everything, and counts several of them as
// one: a reset, or a close on a Unix socket, that came together with the last bytes is never reported (known up to
// Linux 6.18 at least). So sockets that received bytes are checked once more, and the receives of those that hung up
// (`Socket::hung_up`) are submitted again, this time to look before they wait. Even one of these may wait with the end
// unread after it returned bytes (a Unix socket, small buffers), so each check is followed by another.
void prepare_receive(const ReceiveOperation& operation, SubmissionEntry& entry);
EntryOutcome take_receive(const CompletionEntry& entry, BufferRing& buffers, Completion& completion);

// `header` must not change until the kernel has taken the entry; record and bytes until the completion.
void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header);
EntryOutcome take_send(const CompletionEntry& entry, Completion& completion);

// Offers the bytes of many connections in one system call, and has the answers when it returns: no request may
// wait, so the kernel completes each while it takes it. Returns how many of the first attempts were answered; fewer
// than all if the ring is not suitable (a single attempt) or has no room, and never with a request in progress.
// `headers` has one for each place in the submission queue, as for `prepare_send`.
size_t send_together(Ring& ring, msghdr* headers, SendAttempt* attempts, size_t count);

// 0 or the error number. Done at once, by shutdown(2): it never waits, and the ring would not be faster.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_OPERATIONS_H_
