#include "probe.h"

#include "../../os/windows/stream_socket.h"
#include "../../os/windows/system_status.h"
#include "port.h"

namespace frameport::iocp {

namespace {

// Whether calls that succeed at once may skip their packet. Otherwise each costs one more dequeue.
int32_t skipping_status(HANDLE queue) {
  Handle handle = kNoHandle;
  const int32_t status = stream_socket::create(AF_INET, handle);
  if (status != 0) return status;
  OverlappedSocket socket(handle);
  int32_t answer = bind_to_queue(socket, queue);
  if (answer == 0 && !socket.skips_packet_on_success) answer = errno_of(WSAEOPNOTSUPP);
  stream_socket::close(handle);
  return answer;
}

}  // namespace

size_t probe(ProbeStep* steps) {
  WSADATA winsock;
  const int refused = WSAStartup(MAKEWORD(2, 2), &winsock);
  steps[0] = {"WSAStartup", refused == 0 ? 0 : errno_of(static_cast<uint32_t>(refused)), true};
  if (refused != 0) return 1;
  size_t count = 1;
  SocketExtensions extensions;
  const PortFault fault = load_extensions(extensions);
  steps[count++] = {fault.status == 0 ? "AcceptEx and ConnectEx" : fault.step, fault.status, true};
  const HANDLE queue = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 0);
  steps[count++] = {"CreateIoCompletionPort", queue != nullptr ? 0 : last_system_status(), true};
  if (queue != nullptr) {
    steps[count++] = {"SetFileCompletionNotificationModes", skipping_status(queue), false};
    CloseHandle(queue);
  }
  WSACleanup();
  return count;
}

}  // namespace frameport::iocp
