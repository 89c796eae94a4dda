#ifndef FRAMEPORT_IO_URING_ACCEPT_H_
#define FRAMEPORT_IO_URING_ACCEPT_H_

#include "../port.h"
#include "kernel_abi.h"
#include "taken.h"

namespace frameport::io_uring {

void prepare_accept(const AcceptOperation& operation, SubmissionEntry& entry);
Taken take_accept(const CompletionEntry& entry, Completion& completion);

// What one `wait` had no leave to hand on. The kernel accepts everybody at once, and a storm would hold up everyone
// else; in here it waits its turn.
class HeldAccepts {
 public:
  bool is_empty() const { return count_ == 0; }
  // False when there is no room: the entry stays in the completion queue.
  bool push(const CompletionEntry& entry);
  CompletionEntry pop();

 private:
  static constexpr uint32_t kHeldMax = 1024;
  CompletionEntry entries_[kHeldMax];
  uint32_t first_ = 0;
  uint32_t count_ = 0;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_ACCEPT_H_
