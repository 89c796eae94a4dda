#ifndef FRAMEPORT_EPOLL_WAIT_SOURCE_H_
#define FRAMEPORT_EPOLL_WAIT_SOURCE_H_

#include "../../port.h"

namespace frameport::epoll {

// Blocks in poll(2) on the epoll descriptor, which is itself readable while it has events, and takes none of them.
class EpollWaitSource final : public WaitSource {
 public:
  // Owns `interrupt_descriptor`, an eventfd; `epoll_descriptor` belongs to the port.
  EpollWaitSource(int epoll_descriptor, int interrupt_descriptor);
  ~EpollWaitSource() override;
  bool wait() override;
  void interrupt() override;

 private:
  const int epoll_;
  const int interrupt_;
};

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_WAIT_SOURCE_H_
