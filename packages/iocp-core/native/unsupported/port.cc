#include "port.h"

namespace frameport::unsupported {

Port* make(ReceivePool&, int32_t& status) {
  status = 0;
  return nullptr;
}

}  // namespace frameport::unsupported
