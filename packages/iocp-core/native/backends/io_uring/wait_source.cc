#include "wait_source.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../../base/check.h"
#include "../../os/linux/event_counter.h"

namespace frameport::io_uring {

bool RingWaitSource::wait() {
  pollfd watched[2] = {{eventfd_, POLLIN, 0}, {interrupt_, POLLIN, 0}};
  // The kernel may have checked whether the eventfd is audible just before it became so, and the port may have looked
  // at the queues just before that completion arrived. By now it is there.
  int patience = ring_.has_something() ? 0 : -1;
  for (;;) {
    const int ready = poll(watched, 2, patience);
    if (ready >= 0) {
      if (watched[1].revents != 0) return false;
      uint64_t counted = 0;
      // Emptied, because otherwise it would wake the next sleep at once.
      if (watched[0].revents != 0) (void)!read(eventfd_, &counted, sizeof counted);
      return true;
    }
    // ENOMEM is the only failure of the system here, and only a retry can help; for EINTR, poll requires one.
    check(errno == EINTR || errno == EAGAIN || errno == ENOMEM, "the wait source polls valid descriptors");
  }
}

Handle RingWaitSource::watched(int32_t& status) {
  status = 0;
  is_watched_ = true;
  return eventfd_;
}

bool RingWaitSource::take() {
  uint64_t counted = 0;
  // If it were left unread, it would be reported again and again.
  const bool was_counted = read(eventfd_, &counted, sizeof counted) > 0;
  return was_counted && ring_.has_something();
}

void RingWaitSource::look_again() {
  if (is_watched_) event_counter::count_up(eventfd_);
}

void RingWaitSource::interrupt() { event_counter::count_up(interrupt_); }

}  // namespace frameport::io_uring
