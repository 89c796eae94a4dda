#ifndef FRAMEPORT_UNSUPPORTED_PORT_H_
#define FRAMEPORT_UNSUPPORTED_PORT_H_

#include "../port.h"

// For systems without a back end of their own: the addon loads and says so.
namespace frameport::unsupported {

inline constexpr char kName[] = "unsupported";
// Always null with status 0.
Port* make(ReceivePool& pool, int32_t& status);

}  // namespace frameport::unsupported

#endif  // FRAMEPORT_UNSUPPORTED_PORT_H_
