#ifndef FRAMEPORT_IOCP_CONNECT_H_
#define FRAMEPORT_IOCP_CONNECT_H_

#include <winsock2.h>

#include <mswsock.h>

#include "../../os/windows/overlapped_socket.h"
#include "../../port.h"

namespace frameport::iocp {

Posted post_connect(OverlappedSocket& socket, const ConnectOperation& operation, LPFN_CONNECTEX connect);
// Makes a connected socket a full one. 0 or the error number.
int32_t finish_connect(OverlappedSocket& socket);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_CONNECT_H_
