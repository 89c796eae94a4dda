// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail. A record of a send
// that is released while the port still holds it: the queue writes into freed memory.
#include <cstdlib>

#include "../engine/chunk_memory.h"

namespace frameport {

void* allocate_chunk(size_t bytes) {
  void* chunk = std::malloc(bytes);
  free_chunk(chunk, bytes);
  return chunk;
}

void free_chunk(void* chunk, size_t) { std::free(chunk); }

}  // namespace frameport
