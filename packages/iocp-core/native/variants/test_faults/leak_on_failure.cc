// Seeded on purpose, in place of engine/chunk_memory.cc, to show that the injection of failures can fail: the record
// of a chunk is forgotten if there is no memory for the chunk itself. Only LeakSanitizer sees it, and
// only if exactly this allocation fails.
#include <new>

#include "../../engine/chunk_memory.h"

namespace frameport {

void* allocate_chunk(size_t bytes) {
  void* record = ::operator new(48, std::nothrow);
  if (record == nullptr) return nullptr;
  void* chunk = ::operator new(bytes, std::nothrow);
  if (chunk == nullptr) return nullptr;
  ::operator delete(record);
  return chunk;
}

void free_chunk(void* chunk, size_t) { ::operator delete(chunk); }

}  // namespace frameport
