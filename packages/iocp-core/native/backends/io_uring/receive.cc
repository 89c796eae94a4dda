#include "operations.h"

#include <errno.h>

namespace frameport::io_uring {

void prepare_receive(const ReceiveOperation& operation, SubmissionEntry& entry) {
  entry.opcode = kOpReceive;
  entry.flags = kEntryBufferSelect;
  // Waits for bytes before taking a buffer: an idle connection needs none, and does not fail without one.
  entry.io_flags = operation.socket->hung_up ? kReceiveMultishot : kReceiveMultishot | kPollFirst;
  entry.descriptor = static_cast<int32_t>(operation.socket->handle);
  entry.buffer_group = BufferRing::kGroup;
}

EntryOutcome take_receive(const CompletionEntry& entry, BufferRing& buffers, Completion& completion) {
  if (entry.result > 0) {
    // Done now: the bytes are in the pool, and the completion has one reader of the buffer. Without the mark the
    // kernel has ended the request, for instance because its queue was full.
    const auto length = static_cast<uint32_t>(entry.result);
    const Received received = buffers.take(entry.flags, length);
    completion.length = length;
    completion.bytes = received.bytes;
    completion.buffer = received.buffer;
    completion.more = true;
    return {(entry.flags & kCompletionMore) != 0 ? Next::in_kernel : Next::submit_again, true};
  }
  buffers.take_unused(entry.flags);
  const int32_t status = -entry.result;
  // No buffer was left. Without submitting it again, this connection would never receive another byte.
  if (status == ENOBUFS) return {Next::awaits_buffer, false};
  // Cancelled, but not by its owner, for whom this would be the end: submit it again.
  if (status == ECANCELED || status == EAGAIN || status == EINTR) return {Next::submit_again, false};
  // The end or an error. A buffer had been found, so 0 does mean the end (rule 6).
  completion.status = status;
  return {Next::over, true};
}

}  // namespace frameport::io_uring
