#ifndef FRAMEPORT_IO_URING_OPERATION_STATE_H_
#define FRAMEPORT_IO_URING_OPERATION_STATE_H_

#include <cstdint>

namespace frameport::io_uring {

// The state of an operation, which determines its list in the port. docs/completion-model.md has the transitions.
enum class OperationState : uint8_t {
  idle,                 // its owner's
  to_submit,            // the kernel has not seen it
  armed,                // the kernel's; it has brought no bytes since it was submitted
  receiving,            // the kernel's; it has
  to_rearm,             // the kernel's; the kernel will be asked to end it, because it has to be submitted anew
  rearming,             // the kernel's; the kernel has been asked
  to_cancel,            // the kernel's; the kernel will be asked to end it, because its owner wants no more of it
  cancelling,           // the kernel's; the kernel has been asked
  without_buffer,       // a receive that found no buffer and had brought no bytes since it was submitted
  without_next_buffer,  // a receive that found no further buffer
  ended,                // the next `wait` tells
};

// Whether a completion of the kernel will still come.
constexpr bool is_in_kernel(OperationState state) {
  return state >= OperationState::armed && state <= OperationState::cancelling;
}

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_OPERATION_STATE_H_
