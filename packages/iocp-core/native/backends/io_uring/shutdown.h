#ifndef FRAMEPORT_IO_URING_SHUTDOWN_H_
#define FRAMEPORT_IO_URING_SHUTDOWN_H_

#include "../../port.h"

namespace frameport::io_uring {

// 0 or the error number. At once, by shutdown(2): it never waits, and through the ring it would come no sooner.
int32_t shutdown_sending(Socket& socket);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_SHUTDOWN_H_
