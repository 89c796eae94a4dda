// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the injection of failures can fail: the record
// that goes with a chunk is forgotten when there is no memory for the chunk itself. Only LeakSanitizer sees it, and
// only when just this allocation fails.
#include <cstdlib>

#include "../engine/chunk_memory.h"

namespace frameport {

void* allocate_chunk(size_t bytes) {
  void* record = std::malloc(48);
  if (record == nullptr) return nullptr;
  void* chunk = std::malloc(bytes);
  if (chunk == nullptr) return nullptr;
  std::free(record);
  return chunk;
}

void free_chunk(void* chunk, size_t) { std::free(chunk); }

}  // namespace frameport
