#ifndef FRAMEPORT_IOCP_OPERATIONS_H_
#define FRAMEPORT_IOCP_OPERATIONS_H_

#include <winsock2.h>

#include <mswsock.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"
#include "../common/receive_pool.h"

// For each kind of operation, in the file of its name: how it is posted, and how its completion is handled. Those of
// a listener are in accept.h: it posts several at a time.
namespace frameport::iocp {

Posted post_connect(OverlappedSocket& socket, const ConnectOperation& operation, LPFN_CONNECTEX connect);
// Makes a connected socket fully usable. 0 or the error number.
int32_t finish_connect(OverlappedSocket& socket);

// Posts an empty receive: it completes when there are bytes, or the end, and holds no buffer until then. If it
// completes at once, it is listed. 0 or the error number.
int32_t post_receive(OverlappedSocket& socket, RecordList& done);
// The posted receive has completed, and an operation waits for it. False if there were no bytes after all, or no room
// in the pool: the operation continues.
bool receive_ready(OverlappedSocket& socket, ReceivePool& pool, RecordList& done, Completion& completion);

// Bytes in one call. Windows takes a send of any size at once as long as less than SO_SNDBUF is waiting: without a
// bound, a peer that does not read would cost memory of the kernel instead of causing a verdict.
constexpr size_t kSendBytesMax = 256 * 1024;

// Sends as many bytes as the kernel takes without waiting.
void send_now(SendAttempt& attempt);
// An overlapped send of the first kSendBytesMax bytes.
Posted post_send(OverlappedSocket& socket, const SendOperation& operation);

// 0 or the error number.
int32_t shutdown_sending(OverlappedSocket& socket);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_OPERATIONS_H_
