#include "send.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../check.h"

namespace frameport::epoll {

SendAttempt send_now(Socket& socket, const SendPart* parts, uint32_t count) {
  check(count > 0 && count <= kSendPartsMax, "a send has between one and kSendPartsMax parts");
  const int descriptor = static_cast<int>(socket.handle);
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
  if (sent >= 0) return {static_cast<size_t>(sent), 0};
  // No room: nothing was taken, all bytes are still the caller's.
  if (errno == EAGAIN || errno == ENOBUFS) return {0, 0};
  // Broken: the same, and no later attempt can succeed.
  return {0, errno};
}

bool send_ready(SendOperation& operation, Completion& completion) {
  const SendAttempt attempt = send_now(*operation.socket, operation.parts, operation.part_count);
  if (attempt.length == 0 && attempt.status == 0) return false;
  completion = Completion{};
  completion.operation = &operation;
  completion.status = attempt.status;
  completion.length = static_cast<uint32_t>(attempt.length);
  return true;
}

}  // namespace frameport::epoll
