#ifndef FRAMEPORT_IOCP_RECEIVE_H_
#define FRAMEPORT_IOCP_RECEIVE_H_

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"
#include "../receive_pool.h"

namespace frameport::iocp {

// Posts a receive of no bytes: it completes when there are some, or the end, and holds no buffer until then. What
// completes at once is listed. 0 or the error number.
int32_t post_receive(OverlappedSocket& socket, RecordList& done);
// The posted receive has completed, and somebody waits for it. False when there was nothing after all, or no room in
// the pool: the operation goes on.
bool receive_ready(OverlappedSocket& socket, ReceivePool& pool, RecordList& done, Completion& completion);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_RECEIVE_H_
