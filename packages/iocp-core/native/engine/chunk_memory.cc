#include "chunk_memory.h"

#include <new>

namespace frameport {

void* allocate_chunk(size_t bytes) { return ::operator new(bytes, std::nothrow); }

void free_chunk(void* chunk, size_t) { ::operator delete(chunk); }

}  // namespace frameport
