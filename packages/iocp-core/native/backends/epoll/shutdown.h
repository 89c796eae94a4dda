#ifndef FRAMEPORT_EPOLL_SHUTDOWN_H_
#define FRAMEPORT_EPOLL_SHUTDOWN_H_

#include "../../port.h"

namespace frameport::epoll {

// 0 or the error number.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_SHUTDOWN_H_
