#ifndef FRAMEPORT_IO_URING_OPERATIONS_H_
#define FRAMEPORT_IO_URING_OPERATIONS_H_

#include <sys/socket.h>

#include "../../port.h"
#include "buffer_ring.h"
#include "kernel_abi.h"
#include "ring.h"
#include "entry_outcome.h"

// What each kind of operation writes into its entry of the submission queue, and what its entries of the completion
// queue say, in the file of its name.
namespace frameport::io_uring {

void prepare_accept(const AcceptOperation& operation, SubmissionEntry& entry);
EntryOutcome take_accept(const CompletionEntry& entry, Completion& completion);

void prepare_connect(const ConnectOperation& operation, SubmissionEntry& entry);
EntryOutcome take_connect(const CompletionEntry& entry, Completion& completion);

// The kernel's multishot receive waits for a wake-up once it has read what there was, and counts several of them as
// one: a reset, or a close on a Unix socket, that came together with the last bytes is never told (known to Linux up to
// 6.18 at least). So sockets that brought bytes are looked at once more, and the receives of those that hung up
// (`Socket::hung_up`) are submitted anew, this time to look before they wait. Even one of these may wait with the end
// unread when it has brought bytes (a Unix socket, small buffers), so that each look is followed by another.
void prepare_receive(const ReceiveOperation& operation, SubmissionEntry& entry);
EntryOutcome take_receive(const CompletionEntry& entry, BufferRing& buffers, Completion& completion);

// `header` stays untouched until the kernel has taken the entry; record and bytes until the completion.
void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header);
EntryOutcome take_send(const CompletionEntry& entry, Completion& completion);

// Offers the bytes of many connections in one system call, and has the answers when it returns: none of the requests
// may wait, so the kernel completes each while it takes it. Returns how many of the first attempts were answered; fewer
// than all where the ring is the wrong way (a single attempt) or has no room, and never with a request under way.
// `headers` are one for each place in the submission queue, as for `prepare_send`.
size_t send_together(Ring& ring, msghdr* headers, SendAttempt* attempts, size_t count);

// 0 or the error number. At once, by shutdown(2): it never waits, and through the ring it would come no sooner.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_OPERATIONS_H_
