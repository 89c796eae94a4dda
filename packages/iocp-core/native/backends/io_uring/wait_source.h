#ifndef FRAMEPORT_IO_URING_WAIT_SOURCE_H_
#define FRAMEPORT_IO_URING_WAIT_SOURCE_H_

#include "../../port.h"
#include "ring.h"

namespace frameport::io_uring {

// Blocks in poll(2) on the eventfd that the ring increments. (The ring's own descriptor cannot be used: deferred
// work does not make it readable.) It looks at the queues and takes nothing from them.
class RingWaitSource final : public WaitSource {
 public:
  // The eventfds and the ring belong to the port.
  RingWaitSource(const Ring& ring, int eventfd, int interrupt) : ring_(ring), eventfd_(eventfd), interrupt_(interrupt) {}
  bool wait() override;
  void interrupt() override;
  Handle watched(int32_t& status) override;
  bool take() override;
  // On the port's thread, after its own last look at the queues. The kernel announces work, and then checks
  // whether the eventfd is audible; the port makes it audible, and then looks for work. If a processor, or a kernel
  // of another version, swaps two of these steps, both look too early: so the loop looks once more.
  void look_again();

 private:
  const Ring& ring_;
  const int eventfd_;
  const int interrupt_;
  bool is_watched_ = false;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_WAIT_SOURCE_H_
