#ifndef FRAMEPORT_EPOLL_WAIT_SOURCE_H_
#define FRAMEPORT_EPOLL_WAIT_SOURCE_H_

#include "../../port.h"

namespace frameport::epoll {

// Blocks in poll(2) on the epoll descriptor, which is itself readable while it has events, and takes none of them. An
// event loop would be notified of them again and again while the port is awake, so it watches a second set,
// which watches the port's set for one event in each sleep.
class EpollWaitSource final : public WaitSource {
 public:
  // Owns `interrupt_descriptor`, an eventfd; `epoll_descriptor` belongs to the port.
  EpollWaitSource(int epoll_descriptor, int interrupt_descriptor);
  ~EpollWaitSource() override;
  bool wait() override;
  void interrupt() override;
  Handle watched(int32_t& status) override;
  bool take() override;
  // On the port's thread. False if it is watched, and the system has no memory for that now.
  bool arm();

 private:
  const int epoll_;
  const int interrupt_;
  int watched_ = -1;
};

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_WAIT_SOURCE_H_
