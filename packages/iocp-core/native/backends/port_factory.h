#ifndef FRAMEPORT_PORT_FACTORY_H_
#define FRAMEPORT_PORT_FACTORY_H_

#include "../port.h"

namespace frameport {

struct BackEnd {
  const char* name;
  // Null when it does not work here; `fault` then says why.
  Port* (*make)(const PortSetup& setup, PortFault& fault);
  // Tries what the back end needs, in the order in which it needs it, and gives everything back. Returns the number of
  // steps, up to kProbeStepsMax; what follows a failed required one may be left out.
  size_t (*probe)(ProbeStep* steps);
};

struct BackEnds {
  const BackEnd* first;
  size_t count;
};

// Those compiled in for this operating system, best first.
BackEnds back_ends();
// Null when none of this name is compiled in.
const BackEnd* find_back_end(const char* name);

}  // namespace frameport

#endif  // FRAMEPORT_PORT_FACTORY_H_
