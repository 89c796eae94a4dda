#include "sleeper.h"

#include <errno.h>

#include "failure.h"
#include "kernel.h"
#include "thrift.h"

namespace frameport::fuzz {

Sleeper* sleeper = nullptr;

namespace {

short stream_events(const Stream& stream, short asked) {
  int events = 0;
  if (stream.is_readable()) events |= POLLIN;
  if (stream.is_writable()) events |= POLLOUT;
  if (stream.end_arrived || stream.broken || stream.error != 0) events |= POLLRDHUP;
  events &= asked;
  if (stream.error != 0) events |= POLLERR;
  if (stream.is_hung_up()) events |= POLLHUP;
  return static_cast<short>(events);
}

int look_at(Kernel& kernel, pollfd* watched, nfds_t count) {
  int ready = 0;
  for (nfds_t index = 0; index < count; index++) {
    pollfd& each = watched[index];
    if (const Stream* stream = kernel.find_stream(each.fd)) {
      each.revents = stream_events(*stream, each.events);
    } else {
      each.revents = kernel.is_readable(each.fd) ? POLLIN : 0;
    }
    if (each.revents != 0) ready++;
  }
  return ready;
}

}  // namespace

ssize_t poll_descriptors(Kernel& kernel, pollfd* watched, nfds_t count, int patience) {
  if (kernel.ill(kernel.mood().again)) {
    note_failed_look(kernel, watched, count);
    constexpr int kFaults[] = {EINTR, EAGAIN, ENOMEM};
    return -kernel.random().any(kFaults);
  }
  for (;;) {
    const int ready = look_at(kernel, watched, count);
    if (ready > 0 || patience == 0) return ready;
    const bool goes_on = sleeper != nullptr && sleeper->step();
    if (kernel.has_something() && look_at(kernel, watched, count) == 0) {
      fail("the wait source shows nothing of what wait would return: a wake-up is lost");
    }
    if (goes_on) continue;
    watched[0].revents = POLLIN;
    return 1;
  }
}

}  // namespace frameport::fuzz
