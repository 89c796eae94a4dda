#ifndef FRAMEPORT_IOCP_PROBE_H_
#define FRAMEPORT_IOCP_PROBE_H_

#include "../../port.h"

namespace frameport::iocp {

// See BackEnd::probe.
size_t probe(ProbeStep* steps);

}  // namespace frameport::iocp

#endif  // FRAMEPORT_IOCP_PROBE_H_
