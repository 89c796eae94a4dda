#include "probe.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../os/linux/stream_socket.h"

namespace frameport::epoll {

namespace {

// Closes a descriptor that was opened only to test whether it opens.
int32_t status_of(int descriptor) {
  if (descriptor < 0) return errno;
  ::close(descriptor);
  return 0;
}

}  // namespace

size_t probe(ProbeStep* steps) {
  steps[0] = {"epoll_create1", status_of(epoll_create1(EPOLL_CLOEXEC)), true};
  steps[1] = {"eventfd", status_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), true};
  steps[2] = {"TCP_NOTSENT_LOWAT", stream_socket::try_not_sent_low(), false};
  return 3;
}

}  // namespace frameport::epoll
