#ifndef FRAMEPORT_IO_URING_OPERATION_STATE_H_
#define FRAMEPORT_IO_URING_OPERATION_STATE_H_

#include <cstdint>

namespace frameport::io_uring {

// The state of an operation, which determines its list in the port. docs/completion-model.md has the transitions.
enum class OperationState : uint8_t {
  idle,                 // the owner has it
  to_submit,            // the kernel has not seen it
  armed,                // in the kernel; it has returned no bytes since it was submitted
  receiving,            // in the kernel; it has returned bytes
  to_rearm,             // in the kernel, which will be asked to end it, because it must be submitted again
  rearming,             // in the kernel, which was asked to end it for that
  to_cancel,            // in the kernel, which will be asked to end it, because its owner has cancelled it
  cancelling,           // in the kernel, which was asked to end it for that
  without_buffer,       // a receive that found no buffer and had returned no bytes since it was submitted
  without_next_buffer,  // a receive that found no further buffer
  ended,                // the next `wait` returns its completion
};

// Whether a completion of the kernel will still come.
constexpr bool is_in_kernel(OperationState state) {
  return state >= OperationState::armed && state <= OperationState::cancelling;
}

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_OPERATION_STATE_H_
