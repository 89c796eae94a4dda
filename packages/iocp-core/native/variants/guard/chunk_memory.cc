// Replaces engine/chunk_memory.cc in the variant `guard`: every chunk has its own pages, and its bytes lie against
// their end. Released pages stay mapped without access. A kernel that still reads from them returns
// EFAULT, and the connection's error fails the test; a write past the end stops the process.
#include "../../engine/chunk_memory.h"

#include <sys/mman.h>

#include <cstdint>

#include "../../base/check.h"
#include "pages.h"

namespace frameport {

void* allocate_chunk(size_t bytes) {
  // Records at the start of a chunk are aligned to 16 bytes, so up to 15 bytes after it stay unguarded.
  const size_t aligned = (bytes + 15) / 16 * 16;
  const size_t mapped = rounded_to_page(aligned) + page_bytes();
  void* pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  auto* begin = static_cast<uint8_t*>(pages);
  check(mprotect(begin + rounded_to_page(aligned), page_bytes(), PROT_NONE) == 0, "the guard page can be closed");
  return begin + rounded_to_page(aligned) - aligned;
}

void free_chunk(void* chunk, size_t bytes) {
  const size_t length = rounded_to_page((bytes + 15) / 16 * 16);
  auto* start = static_cast<uint8_t*>(chunk);
  start -= reinterpret_cast<uintptr_t>(start) % page_bytes();
  // The addresses are never reused; the memory behind them is released.
  check(madvise(start, length, MADV_DONTNEED) == 0, "the pages of a chunk are mapped");
  check(mprotect(start, length, PROT_NONE) == 0, "the pages of a chunk can be closed");
}

}  // namespace frameport
