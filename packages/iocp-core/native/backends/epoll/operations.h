#ifndef FRAMEPORT_EPOLL_OPERATIONS_H_
#define FRAMEPORT_EPOLL_OPERATIONS_H_

#include "../../port.h"
#include "../common/receive_pool.h"

// The system calls of each kind of operation on a ready descriptor, in the file of its name.
namespace frameport::epoll {

// Up to `capacity` completions, each a new descriptor (owned by the receiver of the completion) or an error that the
// listening survives. 0 if there was no connection after all.
size_t accept_ready(AcceptOperation& operation, Completion* completions, size_t capacity);

// 0: connected; EINPROGRESS: in progress; otherwise refused.
int32_t begin_connect(const ConnectOperation& operation);
// The socket became writable or broke. False if the connect is still in progress.
bool connect_ready(ConnectOperation& operation, Completion& completion);

// False if there were no bytes after all, or no room in the pool: the operation continues, readiness stays.
bool receive_ready(ReceiveOperation& operation, ReceivePool& pool, Completion& completion);

// False if there was no room after all: the operation continues.
bool send_ready(SendOperation& operation, Completion& completion);

// 0 or the error number.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_OPERATIONS_H_
