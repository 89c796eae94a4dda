#include "shutdown.h"

#include "../windows/system_status.h"

namespace frameport::iocp {

int32_t shutdown_sending(OverlappedSocket& socket) {
  if (::shutdown(socket.descriptor(), SD_SEND) != 0) return last_socket_status();
  socket.sending_ended = true;
  return 0;
}

}  // namespace frameport::iocp
