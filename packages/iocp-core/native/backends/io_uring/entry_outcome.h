#ifndef FRAMEPORT_IO_URING_ENTRY_OUTCOME_H_
#define FRAMEPORT_IO_URING_ENTRY_OUTCOME_H_

#include <cstdint>

namespace frameport::io_uring {

// The meaning of an entry of the completion queue for its operation.
enum class Next : uint8_t {
  in_kernel,      // multishot: the kernel still has it, and more completions will come
  submit_again,   // the kernel has ended it, but for the contract it is still in flight
  awaits_buffer,  // the same, but without a free buffer it would only fail again
  over,           // the completion is the last one
};

struct EntryOutcome {
  Next next;
  bool completes;  // whether its owner gets a completion
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_ENTRY_OUTCOME_H_
