#ifndef FRAMEPORT_PORT_FACTORY_H_
#define FRAMEPORT_PORT_FACTORY_H_

#include "../port.h"

namespace frameport {

struct BackEnd {
  const char* name;
  // Null if it does not work here; `fault` then has the reason.
  Port* (*make)(const PortSetup& setup, PortFault& fault);
  // Tries what the back end needs, in that order, and releases everything. Returns the number of
  // steps, up to kProbeStepsMax; steps after a failed required one may be omitted.
  size_t (*probe)(ProbeStep* steps);
};

struct BackEnds {
  const BackEnd* first;
  size_t count;
};

// Those compiled in for this operating system, best first.
BackEnds back_ends();
// Null if no back end of this name is compiled in.
const BackEnd* find_back_end(const char* name);

}  // namespace frameport

#endif  // FRAMEPORT_PORT_FACTORY_H_
