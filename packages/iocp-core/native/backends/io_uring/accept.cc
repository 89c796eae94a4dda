#include "operations.h"

#include <errno.h>
#include <sys/socket.h>

#include "../../os/linux/stream_socket.h"

namespace frameport::io_uring {

void prepare_accept(const AcceptOperation& operation, SubmissionEntry& entry) {
  entry.opcode = kOpAccept;
  entry.io_flags = kAcceptMultishot;
  entry.descriptor = static_cast<int32_t>(operation.socket->handle);
  entry.operation_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
}

EntryOutcome take_accept(const CompletionEntry& entry, Completion& completion) {
  const bool goes_on = (entry.flags & kCompletionMore) != 0;
  if (entry.result >= 0) {
    // Done now: the descriptor belongs to the receiver of the completion. Without the mark the kernel has ended the
    // request, for instance because its queue was full.
    completion.accepted = entry.result;
    completion.more = true;
    return {goes_on ? Next::in_kernel : Next::submit_again, true};
  }
  const int32_t status = -entry.result;
  // Cancelled, but not by its owner, for whom this would be the end: submit it again.
  if (status == ECANCELED || status == EAGAIN || status == EINTR) return {Next::submit_again, false};
  completion.status = status;
  completion.more = stream_socket::is_fault_of_the_peer(status);
  // Out of descriptors or memory: an immediate retry would spin, so the operation ends and the owner waits.
  return {completion.more ? Next::submit_again : Next::over, true};
}

}  // namespace frameport::io_uring
