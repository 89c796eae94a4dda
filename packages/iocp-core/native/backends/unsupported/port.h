#ifndef FRAMEPORT_UNSUPPORTED_PORT_H_
#define FRAMEPORT_UNSUPPORTED_PORT_H_

#include "../../port.h"

// For systems without a back end of their own: the addon loads and reports that.
namespace frameport::unsupported {

// Always null with ENOSYS.
Port* make(const PortSetup& setup, PortFault& fault);

}  // namespace frameport::unsupported

#endif  // FRAMEPORT_UNSUPPORTED_PORT_H_
