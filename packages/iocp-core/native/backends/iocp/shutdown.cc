#include "operations.h"

#include "../../os/windows/system_status.h"

namespace frameport::iocp {

int32_t shutdown_sending(OverlappedSocket& socket) {
  return ::shutdown(socket.descriptor(), SD_SEND) == 0 ? 0 : last_socket_status();
}

}  // namespace frameport::iocp
