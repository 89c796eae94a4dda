#ifndef FRAMEPORT_EPOLL_SEND_H_
#define FRAMEPORT_EPOLL_SEND_H_

#include "../../port.h"

namespace frameport::epoll {

// False when there was no room after all: the operation goes on.
bool send_ready(SendOperation& operation, Completion& completion);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_SEND_H_
