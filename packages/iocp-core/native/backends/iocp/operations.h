#ifndef FRAMEPORT_IOCP_OPERATIONS_H_
#define FRAMEPORT_IOCP_OPERATIONS_H_

#include <winsock2.h>

#include <mswsock.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"
#include "../common/receive_pool.h"

// How each kind of operation is posted, and what becomes of it when it has completed, in the file of its name. Those of
// a listener are in accept.h: it posts several at a time.
namespace frameport::iocp {

Posted post_connect(OverlappedSocket& socket, const ConnectOperation& operation, LPFN_CONNECTEX connect);
// Makes a connected socket a full one. 0 or the error number.
int32_t finish_connect(OverlappedSocket& socket);

// Posts a receive of no bytes: it completes when there are some, or the end, and holds no buffer until then. What
// completes at once is listed. 0 or the error number.
int32_t post_receive(OverlappedSocket& socket, RecordList& done);
// The posted receive has completed, and somebody waits for it. False when there was nothing after all, or no room in
// the pool: the operation goes on.
bool receive_ready(OverlappedSocket& socket, ReceivePool& pool, RecordList& done, Completion& completion);

// Bytes in one call. Windows takes a send of any size at once as long as less than SO_SNDBUF is waiting: without a
// bound a peer that does not read would cost memory of the kernel instead of a verdict.
constexpr size_t kSendBytesMax = 256 * 1024;

// What the kernel takes without waiting.
void send_now(SendAttempt& attempt);
// An overlapped send of the first kSendBytesMax bytes.
Posted post_send(OverlappedSocket& socket, const SendOperation& operation);

// 0 or the error number.
int32_t shutdown_sending(OverlappedSocket& socket);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_OPERATIONS_H_
