#include "port.h"

#include <cerrno>

namespace frameport::unsupported {

Port* make(const PortSetup&, PortFault& fault) {
  fault = {"a completion port for this system", ENOSYS};
  return nullptr;
}

}  // namespace frameport::unsupported
