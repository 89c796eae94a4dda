// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail: a send queue is
// never released.
#include <cstdlib>

#include "../../engine/chunk_memory.h"

namespace frameport {

void* allocate_chunk(size_t bytes) { return std::malloc(bytes); }

void free_chunk(void*, size_t) {}

}  // namespace frameport
