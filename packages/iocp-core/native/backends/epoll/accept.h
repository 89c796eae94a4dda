#ifndef FRAMEPORT_EPOLL_ACCEPT_H_
#define FRAMEPORT_EPOLL_ACCEPT_H_

#include "../../port.h"

namespace frameport::epoll {

// Up to `capacity` completions, each a new descriptor (owned by the taker of the completion) or a fault that the
// listening survives. 0 when there was nobody after all.
size_t accept_ready(AcceptOperation& operation, Completion* completions, size_t capacity);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_ACCEPT_H_
