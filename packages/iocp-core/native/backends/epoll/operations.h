#ifndef FRAMEPORT_EPOLL_OPERATIONS_H_
#define FRAMEPORT_EPOLL_OPERATIONS_H_

#include "../../port.h"
#include "../common/receive_pool.h"

// What each kind of operation does on a descriptor that was made ready, in the file of its name.
namespace frameport::epoll {

// Up to `capacity` completions, each a new descriptor (owned by the taker of the completion) or a fault that the
// listening survives. 0 when there was nobody after all.
size_t accept_ready(AcceptOperation& operation, Completion* completions, size_t capacity);

// 0: connected; EINPROGRESS: under way; otherwise refused.
int32_t begin_connect(const ConnectOperation& operation);
// The socket became writable or broke. False when it is still under way.
bool connect_ready(ConnectOperation& operation, Completion& completion);

// False when there was nothing after all, or no room in the pool: the operation goes on, readiness stays.
bool receive_ready(ReceiveOperation& operation, ReceivePool& pool, Completion& completion);

// False when there was no room after all: the operation goes on.
bool send_ready(SendOperation& operation, Completion& completion);

// 0 or the error number.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_OPERATIONS_H_
