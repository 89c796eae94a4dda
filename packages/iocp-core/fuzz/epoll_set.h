#ifndef FRAMEPORT_FUZZ_EPOLL_SET_H_
#define FRAMEPORT_FUZZ_EPOLL_SET_H_

#include <sys/epoll.h>

#include <cstddef>

namespace frameport::fuzz {

class Kernel;

// The set of epoll(7), level-triggered.
class EpollSet {
 public:
  explicit EpollSet(Kernel& kernel) : kernel_(kernel) {}

  // 0 or the error number.
  int control(int action, int descriptor, const epoll_event* event);
  // Returns how many events were written, or the negated error number.
  int wait(epoll_event* events, int capacity);
  bool has_something() const;

 private:
  Kernel& kernel_;
  size_t first_ = 0;
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_EPOLL_SET_H_
