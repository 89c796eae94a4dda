// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail: a record of a send
// is released while the port still holds it, so the queue writes into freed memory.
#include <cstdlib>

#include "../../engine/chunk_memory.h"

namespace frameport {

namespace {
// Through a pointer that the compiler cannot follow: otherwise it would reject the fault.
void (*volatile release)(void*) = std::free;
}  // namespace

void* allocate_chunk(size_t bytes) {
  void* chunk = std::malloc(bytes);
  release(chunk);
  return chunk;
}

void free_chunk(void*, size_t) {}

}  // namespace frameport
