#include "operations.h"

#include "../../os/windows/loopback.h"
#include "../../os/windows/system_status.h"

namespace frameport::iocp {

Posted post_connect(OverlappedSocket& socket, const ConnectOperation& operation, LPFN_CONNECTEX connect) {
  const Address destination = destination_of(operation.remote);
  const auto* remote = reinterpret_cast<const sockaddr*>(destination.bytes);
  const int length = static_cast<int>(destination.length);
  begin_posting(socket.output);
  DWORD sent = 0;
  const BOOL connected =
      connect(socket.descriptor(), remote, length, nullptr, 0, &sent, &socket.output);
  return end_posting(socket.output, connected != FALSE, WSAGetLastError(), 0);
}

int32_t finish_connect(OverlappedSocket& socket) {
  // Without it the socket knows neither its addresses nor how to shut down.
  const int failed = setsockopt(socket.descriptor(), SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0);
  return failed == 0 ? 0 : last_socket_status();
}

}  // namespace frameport::iocp
