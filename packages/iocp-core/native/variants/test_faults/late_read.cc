// Seeded on purpose, in place of guard/chunk_memory.cc, to show that the run over guard pages can fail: a chunk of a
// send queue is released as soon as the next one is taken, while the kernel still has to read it. Its first page
// stays, so that the kernel, not the queue's own record, hits the closed pages.
#include <sys/mman.h>

#include <cstdint>

#include "../../base/check.h"
#include "../../engine/chunk_memory.h"
#include "../guard/pages.h"

namespace frameport {

namespace {
uint8_t* last_taken = nullptr;
size_t last_bytes = 0;
}  // namespace

void* allocate_chunk(size_t bytes) {
  if (last_bytes > page_bytes()) {
    check(mprotect(last_taken + page_bytes(), last_bytes - page_bytes(), PROT_NONE) == 0, "a chunk has its own pages");
  }
  last_bytes = rounded_to_page(bytes);
  void* pages = mmap(nullptr, last_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(pages != MAP_FAILED, "there are addresses for a chunk");
  last_taken = static_cast<uint8_t*>(pages);
  return pages;
}

void free_chunk(void* chunk, size_t bytes) {
  if (chunk == last_taken) last_bytes = 0;
  check(mprotect(chunk, rounded_to_page(bytes), PROT_NONE) == 0, "a chunk has its own pages");
}

}  // namespace frameport
