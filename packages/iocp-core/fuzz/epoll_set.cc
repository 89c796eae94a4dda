#include "epoll_set.h"

#include <errno.h>

#include "failure.h"
#include "kernel.h"

namespace frameport::fuzz {

namespace {

// EPOLLERR and EPOLLHUP are reported even if nobody requested them.
uint32_t events_of(const Stream& stream) {
  if (!stream.watched) return 0;
  uint32_t events = 0;
  if (stream.is_readable()) events |= EPOLLIN;
  if (stream.is_writable()) events |= EPOLLOUT;
  events &= stream.watched_for;
  if (stream.error != 0 || stream.state == Stream::State::refused) events |= EPOLLERR;
  if (stream.is_hung_up()) events |= EPOLLHUP;
  return events;
}

}  // namespace

int EpollSet::control(int action, int descriptor, const epoll_event* event) {
  if (const EpollSet* inner = kernel_.find_epoll(descriptor)) return control_nested(action, *inner, event);
  Stream& stream = kernel_.stream(descriptor);
  if (action == EPOLL_CTL_ADD) {
    if (stream.watched) fail("connection %u is added to epoll twice", stream.id);
    if (kernel_.ill(kernel_.mood().refused_watch)) {
      stream.told.push_back(ENOSPC);
      return ENOSPC;
    }
  } else if (!stream.watched) {
    fail("connection %u is changed in epoll or removed from it, and is not there", stream.id);
  }
  stream.watched = action != EPOLL_CTL_DEL;
  stream.watched_for = stream.watched ? event->events : 0;
  stream.watched_data = stream.watched ? event->data.u64 : 0;
  return 0;
}

int EpollSet::control_nested(int action, const EpollSet& inner, const epoll_event* event) {
  const bool is_added = action == EPOLL_CTL_ADD;
  if (is_added != (inner_ == nullptr) || action == EPOLL_CTL_DEL) fail("a set in a set is added once, and changed");
  if ((event->events & EPOLLONESHOT) == 0) fail("the event loop is told of a port that is awake");
  if (kernel_.ill(kernel_.mood().refused_watch)) return ENOMEM;
  inner_ = &inner;
  is_armed_ = (event->events & EPOLLIN) != 0;
  return 0;
}

int EpollSet::wait(epoll_event* events, int capacity) {
  if (kernel_.ill(kernel_.mood().again)) return -EINTR;
  if (inner_ != nullptr) {
    const bool is_told = has_something();
    if (is_told) is_armed_ = false;
    return is_told ? 1 : 0;
  }
  const auto& live = kernel_.live();
  if (live.empty()) return 0;
  int count = 0;
  if (!kernel_.is_kind()) first_ = kernel_.random().below(static_cast<uint32_t>(live.size()));
  size_t index = 0;
  for (; index < live.size() && count < capacity; index++) {
    const Stream& stream = *live[(first_ + index) % live.size()];
    const uint32_t ready = events_of(stream);
    if (ready == 0 || kernel_.ill(kernel_.mood().late)) continue;
    events[count].events = ready;
    events[count].data.u64 = stream.watched_data;
    count++;
  }
  // Reported sockets go to the end of the ready list.
  first_ = (first_ + index) % live.size();
  return count;
}

bool EpollSet::has_something() const {
  if (inner_ != nullptr) return is_armed_ && inner_->has_something();
  for (const Stream* stream : kernel_.live()) {
    if (events_of(*stream) != 0) return true;
  }
  return false;
}

}  // namespace frameport::fuzz
