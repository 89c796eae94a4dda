#include "send.h"

#include <errno.h>
#include <sys/uio.h>

#include <cstddef>

#include "../check.h"

namespace frameport::io_uring {

static_assert(sizeof(SendPart) == sizeof(iovec) && offsetof(SendPart, bytes) == offsetof(iovec, iov_base) &&
                  offsetof(SendPart, length) == offsetof(iovec, iov_len),
              "the parts of an operation are what sendmsg(2) reads");

void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header) {
  check(operation.part_count > 0 && operation.part_count <= kSendPartsMax, "a send has 1 to kSendPartsMax parts");
  header = msghdr{};
  header.msg_iov = reinterpret_cast<iovec*>(const_cast<SendPart*>(operation.parts));
  header.msg_iovlen = operation.part_count;
  entry.opcode = kOpSendMessage;
  // The caller has just been told that there is no room: waiting for some comes first.
  entry.io_flags = kPollFirst;
  entry.descriptor = static_cast<int32_t>(operation.socket->handle);
  entry.address = reinterpret_cast<uint64_t>(&header);
  entry.length = 1;
  // A peer that is gone is an error number here, never a signal that ends the process.
  entry.operation_flags = MSG_NOSIGNAL;
}

Taken take_send(const CompletionEntry& entry, Completion& completion) {
  const int32_t status = entry.result < 0 ? -entry.result : 0;
  // The kernel has let go of the bytes, and wants them offered once more.
  if (status == EAGAIN || status == EINTR || status == ENOBUFS) return {Next::again, false};
  // Done now, or broken: record and bytes are the caller's again.
  completion.status = status;
  completion.length = status == 0 ? static_cast<uint32_t>(entry.result) : 0;
  return {Next::over, true};
}

}  // namespace frameport::io_uring
