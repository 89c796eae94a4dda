#include "wait_source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../../base/check.h"

namespace frameport::epoll {

EpollWaitSource::EpollWaitSource(int epoll_descriptor, int interrupt_descriptor)
    : epoll_(epoll_descriptor), interrupt_(interrupt_descriptor) {}

EpollWaitSource::~EpollWaitSource() { ::close(interrupt_); }

bool EpollWaitSource::wait() {
  pollfd watched[2] = {{epoll_, POLLIN, 0}, {interrupt_, POLLIN, 0}};
  for (;;) {
    const int ready = poll(watched, 2, -1);
    if (ready > 0) return watched[1].revents == 0;
    // ENOMEM is the one fault of the world here; trying again is all that can be done, and poll says so for EINTR.
    check(errno == EINTR || errno == EAGAIN || errno == ENOMEM, "the wait source polls valid descriptors");
  }
}

void EpollWaitSource::interrupt() {
  const uint64_t one = 1;
  // A full counter is as readable as one that was just raised.
  [[maybe_unused]] const ssize_t written = write(interrupt_, &one, sizeof one);
}

}  // namespace frameport::epoll
