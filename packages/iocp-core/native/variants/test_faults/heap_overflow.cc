// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail: a chunk is shorter
// than the bytes that are copied into it.
#include <cstdlib>

#include "../../engine/chunk_memory.h"

namespace frameport {

void* allocate_chunk(size_t bytes) { return std::malloc(bytes / 2); }

void free_chunk(void* chunk, size_t) { std::free(chunk); }

}  // namespace frameport
