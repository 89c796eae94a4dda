// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail. A record of a send
// that is released while the port still holds it: the queue writes into freed memory.
#include <cstdlib>

#include "../../engine/chunk_memory.h"

namespace frameport {

namespace {
// Through a pointer the compiler cannot see through: it would refuse the fault.
void (*volatile release)(void*) = std::free;
}  // namespace

void* allocate_chunk(size_t bytes) {
  void* chunk = std::malloc(bytes);
  release(chunk);
  return chunk;
}

void free_chunk(void*, size_t) {}

}  // namespace frameport
