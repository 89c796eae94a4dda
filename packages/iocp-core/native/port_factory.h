#ifndef FRAMEPORT_PORT_FACTORY_H_
#define FRAMEPORT_PORT_FACTORY_H_

#include <cstdint>

#include "port.h"

namespace frameport {

// The name of the back end compiled in for this operating system.
const char* port_name();
// Null when it does not work here; `status` then has the error number (0: no back end for this system at all).
Port* make_port(ReceivePool& pool, int32_t& status);

}  // namespace frameport

#endif  // FRAMEPORT_PORT_FACTORY_H_
