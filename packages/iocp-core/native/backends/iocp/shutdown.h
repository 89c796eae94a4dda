#ifndef FRAMEPORT_IOCP_SHUTDOWN_H_
#define FRAMEPORT_IOCP_SHUTDOWN_H_

#include "../../os/windows/overlapped_socket.h"

namespace frameport::iocp {

// 0 or the error number.
int32_t shutdown_sending(OverlappedSocket& socket);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_SHUTDOWN_H_
