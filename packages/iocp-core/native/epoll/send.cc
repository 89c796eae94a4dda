#include "send.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../check.h"

namespace frameport::epoll {

void send_now(SendAttempt& attempt) {
  const SendPart* parts = attempt.parts;
  const uint32_t count = attempt.part_count;
  check(count > 0 && count <= kSendPartsMax, "a send has between one and kSendPartsMax parts");
  const int descriptor = static_cast<int>(attempt.socket->handle);
  ssize_t sent;
  do {
    // MSG_NOSIGNAL: a peer that is gone is an error number here, never a signal that ends the process.
    if (count == 1) {
      sent = ::send(descriptor, parts[0].bytes, parts[0].length, MSG_NOSIGNAL);
    } else {
      iovec pieces[kSendPartsMax];
      for (uint32_t index = 0; index < count; index++) {
        pieces[index] = {const_cast<uint8_t*>(parts[index].bytes), parts[index].length};
      }
      msghdr header{};
      header.msg_iov = pieces;
      header.msg_iovlen = count;
      sent = sendmsg(descriptor, &header, MSG_NOSIGNAL);
    }
  } while (sent < 0 && errno == EINTR);
  // Done now: the kernel has copied these bytes, and they are the caller's again.
  attempt.length = sent >= 0 ? static_cast<size_t>(sent) : 0;
  // No room (EAGAIN, ENOBUFS): nothing was taken, all bytes are still the caller's. Broken: the same, and no later
  // attempt can succeed.
  attempt.status = sent >= 0 || errno == EAGAIN || errno == ENOBUFS ? 0 : errno;
}

bool send_ready(SendOperation& operation, Completion& completion) {
  SendAttempt attempt;
  attempt.socket = operation.socket;
  attempt.parts = operation.parts;
  attempt.part_count = operation.part_count;
  send_now(attempt);
  if (attempt.length == 0 && attempt.status == 0) return false;
  completion = Completion{};
  completion.operation = &operation;
  completion.status = attempt.status;
  completion.length = static_cast<uint32_t>(attempt.length);
  return true;
}

}  // namespace frameport::epoll
