#ifndef FRAMEPORT_EPOLL_PROBE_H_
#define FRAMEPORT_EPOLL_PROBE_H_

#include "../../port.h"

namespace frameport::epoll {

// See BackEnd::probe.
size_t probe(ProbeStep* steps);

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_PROBE_H_
