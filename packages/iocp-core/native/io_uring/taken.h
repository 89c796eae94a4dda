#ifndef FRAMEPORT_IO_URING_TAKEN_H_
#define FRAMEPORT_IO_URING_TAKEN_H_

#include <cstdint>

namespace frameport::io_uring {

// Where an operation is after an entry of the completion queue was read.
enum class Next : uint8_t {
  goes_on,  // multishot: the kernel has it still
  again,    // the kernel has ended it and the contract has not: it is submitted again
  starved,  // the same, but not before there are buffers
  over,     // the completion is its last
};

struct Taken {
  Next next;
  bool completes;  // whether there is something to tell
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_TAKEN_H_
