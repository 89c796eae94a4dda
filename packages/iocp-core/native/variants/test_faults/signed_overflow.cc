// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the sanitizer run can fail: a statistic
// overflows a signed integer, which only UndefinedBehaviorSanitizer sees.
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "../../engine/chunk_memory.h"

namespace frameport {

namespace {
int32_t chunks_ever = std::numeric_limits<int32_t>::max();
}

void* allocate_chunk(size_t bytes) {
  chunks_ever++;
  return std::malloc(bytes);
}

void free_chunk(void* chunk, size_t) { std::free(chunk); }

}  // namespace frameport
