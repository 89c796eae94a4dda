#include "chunk_memory.h"

#include <cstdlib>

namespace frameport {

void* allocate_chunk(size_t bytes) { return std::malloc(bytes); }

void free_chunk(void* chunk, size_t) { std::free(chunk); }

}  // namespace frameport
