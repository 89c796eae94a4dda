#include "wait_source.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../../base/check.h"
#include "../../os/linux/event_counter.h"

namespace frameport::epoll {

namespace {

int control(int set, int action, int descriptor, uint32_t events) {
  epoll_event event{};
  event.events = events;
  return epoll_ctl(set, action, descriptor, &event);
}

}  // namespace

EpollWaitSource::EpollWaitSource(int epoll_descriptor, int interrupt_descriptor)
    : epoll_(epoll_descriptor), interrupt_(interrupt_descriptor) {}

EpollWaitSource::~EpollWaitSource() {
  if (watched_ >= 0) ::close(watched_);
  ::close(interrupt_);
}

bool EpollWaitSource::wait() {
  pollfd watched[2] = {{epoll_, POLLIN, 0}, {interrupt_, POLLIN, 0}};
  for (;;) {
    const int ready = poll(watched, 2, -1);
    if (ready > 0) return watched[1].revents == 0;
    // ENOMEM is the only failure of the system here, and only a retry can help; for EINTR, poll requires one.
    check(errno == EINTR || errno == EAGAIN || errno == ENOMEM, "the wait source polls valid descriptors");
  }
}

Handle EpollWaitSource::watched(int32_t& status) {
  watched_ = epoll_create1(EPOLL_CLOEXEC);
  // Nothing is reported before the first `arm`.
  const bool works = watched_ >= 0 && control(watched_, EPOLL_CTL_ADD, epoll_, EPOLLONESHOT) == 0;
  status = works ? 0 : errno;
  return works ? watched_ : kNoHandle;
}

bool EpollWaitSource::arm() {
  if (watched_ < 0 || control(watched_, EPOLL_CTL_MOD, epoll_, EPOLLIN | EPOLLONESHOT) == 0) return true;
  check(errno == ENOMEM || errno == ENOSPC, "a watched set can be asked for its next event");
  return false;
}

bool EpollWaitSource::take() {
  epoll_event event{};
  return epoll_wait(watched_, &event, 1, 0) > 0;
}

void EpollWaitSource::interrupt() { event_counter::count_up(interrupt_); }

}  // namespace frameport::epoll
