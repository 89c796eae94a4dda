#include "wait_source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../../base/check.h"

namespace frameport::io_uring {

bool RingWaitSource::wait() {
  pollfd watched[2] = {{eventfd_, POLLIN, 0}, {interrupt_, POLLIN, 0}};
  // The kernel may have looked whether the eventfd is audible just before it became so, and the port at the queues
  // just before that completion was there. By now it is.
  int patience = ring_.has_something() ? 0 : -1;
  for (;;) {
    const int ready = poll(watched, 2, patience);
    if (ready >= 0) {
      if (watched[1].revents != 0) return false;
      uint64_t counted = 0;
      // Emptied, or it would wake the next sleep at once.
      if (watched[0].revents != 0) (void)!read(eventfd_, &counted, sizeof counted);
      return true;
    }
    // ENOMEM is the one fault of the world here; trying again is all that can be done, and poll says so for EINTR.
    check(errno == EINTR || errno == EAGAIN || errno == ENOMEM, "the wait source polls valid descriptors");
  }
}

void RingWaitSource::interrupt() {
  const uint64_t one = 1;
  // A full counter is as readable as one that was just raised.
  [[maybe_unused]] const ssize_t written = write(interrupt_, &one, sizeof one);
}

}  // namespace frameport::io_uring
