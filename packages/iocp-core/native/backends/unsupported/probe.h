#ifndef FRAMEPORT_UNSUPPORTED_PROBE_H_
#define FRAMEPORT_UNSUPPORTED_PROBE_H_

#include "../../port.h"

namespace frameport::unsupported {

// See BackEnd::probe.
size_t probe(ProbeStep* steps);

}  // namespace frameport::unsupported

#endif  // FRAMEPORT_UNSUPPORTED_PROBE_H_
