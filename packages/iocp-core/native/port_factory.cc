#include "port_factory.h"

// The only place that asks which system this is. The build hands the matching folders to the compiler.
#if defined(__linux__)
#include "epoll/port.h"
namespace chosen = frameport::epoll;
#else
#include "unsupported/port.h"
namespace chosen = frameport::unsupported;
#endif

namespace frameport {

const char* port_name() { return chosen::kName; }

Port* make_port(ReceivePool& pool, int32_t& status) { return chosen::make(pool, status); }

}  // namespace frameport
