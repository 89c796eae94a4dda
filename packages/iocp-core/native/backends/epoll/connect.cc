#include "operations.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

namespace frameport::epoll {

int32_t begin_connect(const ConnectOperation& operation) {
  const auto* remote = reinterpret_cast<const sockaddr*>(operation.remote.bytes);
  if (::connect(static_cast<int>(operation.socket->handle), remote, operation.remote.length) == 0) return 0;
  // connect(2): an interrupted connect of a non-blocking socket continues in the background.
  return errno == EINTR ? EINPROGRESS : errno;
}

bool connect_ready(ConnectOperation& operation, Completion& completion) {
  const int descriptor = static_cast<int>(operation.socket->handle);
  int status = 0;
  socklen_t length = sizeof status;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &length) != 0) status = errno;
  if (status == 0) {
    pollfd writable{descriptor, POLLOUT, 0};
    if (poll(&writable, 1, 0) == 0) return false;
  }
  completion = Completion{};
  completion.operation = &operation;
  completion.status = status;
  return true;
}

}  // namespace frameport::epoll
