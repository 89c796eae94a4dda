#include "accept.h"

#include <errno.h>
#include <sys/socket.h>

#include "../linux/stream_socket.h"

namespace frameport::io_uring {

void prepare_accept(const AcceptOperation& operation, SubmissionEntry& entry) {
  entry.opcode = kOpAccept;
  entry.io_flags = kAcceptMultishot;
  entry.descriptor = static_cast<int32_t>(operation.socket->handle);
  entry.operation_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
}

Taken take_accept(const CompletionEntry& entry, Completion& completion) {
  const bool goes_on = (entry.flags & kCompletionMore) != 0;
  if (entry.result >= 0) {
    // Done now: the descriptor belongs to whoever takes the completion. Without the mark the kernel has ended the
    // request, for instance because its queue was full.
    completion.accepted = entry.result;
    completion.more = true;
    return {goes_on ? Next::goes_on : Next::again, true};
  }
  const int32_t status = -entry.result;
  if (status == EAGAIN || status == EINTR) return {Next::again, false};
  completion.status = status;
  completion.more = stream_socket::is_fault_of_the_peer(status);
  // Out of descriptors or memory: trying at once would spin, so the operation ends and the owner waits.
  return {completion.more ? Next::again : Next::over, true};
}

bool HeldAccepts::push(const CompletionEntry& entry) {
  if (count_ == kHeldMax) return false;
  entries_[(first_ + count_++) % kHeldMax] = entry;
  return true;
}

CompletionEntry HeldAccepts::pop() {
  const CompletionEntry entry = entries_[first_];
  first_ = (first_ + 1) % kHeldMax;
  count_--;
  return entry;
}

}  // namespace frameport::io_uring
