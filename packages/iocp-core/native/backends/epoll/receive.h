#ifndef FRAMEPORT_EPOLL_RECEIVE_H_
#define FRAMEPORT_EPOLL_RECEIVE_H_

#include "../../port.h"
#include "../receive_pool.h"

namespace frameport::epoll {

// False when there was nothing after all, or no room in the pool: the operation goes on, readiness stays.
bool receive_ready(ReceiveOperation& operation, ReceivePool& pool, Completion& completion);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_RECEIVE_H_
