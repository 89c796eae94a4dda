#ifndef FRAMEPORT_IOCP_SEND_H_
#define FRAMEPORT_IOCP_SEND_H_

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

// Bytes in one call. Windows takes a send of any size at once as long as less than SO_SNDBUF is waiting: without a
// bound a peer that does not read would cost memory of the kernel instead of a verdict.
constexpr size_t kSendBytesMax = 256 * 1024;

// What the kernel takes without waiting.
void send_now(SendAttempt& attempt);
// An overlapped send of the first kSendBytesMax bytes.
Posted post_send(OverlappedSocket& socket, const SendOperation& operation);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_SEND_H_
