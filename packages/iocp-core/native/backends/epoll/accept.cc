#include "operations.h"

#include <errno.h>
#include <sys/socket.h>

#include "../../os/linux/stream_socket.h"

namespace frameport::epoll {

size_t accept_ready(AcceptOperation& operation, Completion* completions, size_t capacity) {
  size_t count = 0;
  while (count < capacity) {
    const int descriptor =
        accept4(static_cast<int>(operation.socket->handle), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 && errno == EINTR) continue;
    if (descriptor < 0 && errno == EAGAIN) break;
    Completion& completion = completions[count++];
    completion = Completion{};
    completion.operation = &operation;
    if (descriptor >= 0) {
      completion.accepted = descriptor;
      completion.more = true;
      continue;
    }
    completion.status = errno;
    completion.more = stream_socket::is_fault_of_the_peer(errno);
    // Out of descriptors or memory: an immediate retry would spin, so the operation ends and the owner waits.
    if (!completion.more) break;
  }
  return count;
}

}  // namespace frameport::epoll
