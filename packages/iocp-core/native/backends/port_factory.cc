#include "port_factory.h"

#include <cstring>

// The only place that depends on the operating system. The build passes the matching folders to the compiler.
#if defined(__linux__)
#include "epoll/port.h"
#include "epoll/probe.h"
#include "io_uring/port.h"
#include "io_uring/probe.h"
#elif defined(_WIN32)
#include "iocp/port.h"
#include "iocp/probe.h"
#else
#include "unsupported/port.h"
#include "unsupported/probe.h"
#endif

namespace frameport {

namespace {

constexpr BackEnd kBackEnds[] = {
#if defined(__linux__)
    {"io_uring", io_uring::make, io_uring::probe},
    {"epoll", epoll::make, epoll::probe},
#elif defined(_WIN32)
    {"iocp", iocp::make, iocp::probe},
#else
    {"unsupported", unsupported::make, unsupported::probe},
#endif
};

}  // namespace

BackEnds back_ends() { return {kBackEnds, sizeof kBackEnds / sizeof kBackEnds[0]}; }

const BackEnd* find_back_end(const char* name) {
  for (const BackEnd& back_end : kBackEnds) {
    if (std::strcmp(back_end.name, name) == 0) return &back_end;
  }
  return nullptr;
}

}  // namespace frameport
