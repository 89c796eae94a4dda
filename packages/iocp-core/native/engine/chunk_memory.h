#ifndef FRAMEPORT_ENGINE_CHUNK_MEMORY_H_
#define FRAMEPORT_ENGINE_CHUNK_MEMORY_H_

#include <cstddef>

namespace frameport {

// Memory for bytes that the kernel reads later. A test build replaces this file's implementation by one in which each
// chunk has its own pages, which become inaccessible on release: sanitizers do not see what the kernel touches.
void* allocate_chunk(size_t bytes);
void free_chunk(void* chunk, size_t bytes);

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_CHUNK_MEMORY_H_
