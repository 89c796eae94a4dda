#ifndef FRAMEPORT_FUZZ_EPOLL_SET_H_
#define FRAMEPORT_FUZZ_EPOLL_SET_H_

#include <sys/epoll.h>

#include <cstddef>

namespace frameport::fuzz {

class Kernel;

// A level-triggered set of epoll(7); or a set that watches another set for its next event.
class EpollSet {
 public:
  explicit EpollSet(Kernel& kernel) : kernel_(kernel) {}

  // 0 or the error number.
  int control(int action, int descriptor, const epoll_event* event);
  // Returns how many events were written, or the negated error number.
  int wait(epoll_event* events, int capacity);
  bool has_something() const;

 private:
  int control_nested(int action, const EpollSet& inner, const epoll_event* event);

  Kernel& kernel_;
  size_t first_ = 0;
  const EpollSet* inner_ = nullptr;
  bool is_armed_ = false;  // reports the next event of the inner set, and none after it
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_EPOLL_SET_H_
