#include "operations.h"

#include <errno.h>
#include <sys/socket.h>

namespace frameport::epoll {

int32_t shutdown_sending(Socket& socket) {
  return ::shutdown(static_cast<int>(socket.handle), SHUT_WR) == 0 ? 0 : errno;
}

}  // namespace frameport::epoll
