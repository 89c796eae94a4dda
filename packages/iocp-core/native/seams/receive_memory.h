#ifndef FRAMEPORT_RECEIVE_MEMORY_H_
#define FRAMEPORT_RECEIVE_MEMORY_H_

#include <cstdint>

namespace frameport {

// One block of memory that receives write to and JavaScript reads from. It belongs to the caller and outlives the
// port. The port divides it: the number of a buffer is the port's own, and the size here is its maximum.
struct ReceiveMemory {
  uint8_t* bytes = nullptr;
  uint32_t buffers = 0;
  uint32_t buffer_bytes = 0;
  int32_t* in_use = nullptr;  // buffers with a reader, counted by the port
};

}  // namespace frameport

#endif  // FRAMEPORT_RECEIVE_MEMORY_H_
