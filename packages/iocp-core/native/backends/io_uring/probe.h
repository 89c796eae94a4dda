#ifndef FRAMEPORT_IO_URING_PROBE_H_
#define FRAMEPORT_IO_URING_PROBE_H_

#include "../../port.h"

namespace frameport::io_uring {

// See BackEnd::probe.
size_t probe(ProbeStep* steps);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_PROBE_H_
