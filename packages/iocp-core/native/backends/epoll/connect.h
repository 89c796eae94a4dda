#ifndef FRAMEPORT_EPOLL_CONNECT_H_
#define FRAMEPORT_EPOLL_CONNECT_H_

#include "../../port.h"

namespace frameport::epoll {

// 0: connected; EINPROGRESS: under way; otherwise refused.
int32_t begin_connect(const ConnectOperation& operation);
// The socket became writable or broke. False when it is still under way.
bool connect_ready(ConnectOperation& operation, Completion& completion);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_CONNECT_H_
