// Seeded on purpose, in place of guard/receive_pages.cc, to show that the run over guard pages can fail: a buffer
// counts as returned as soon as it is handed to the kernel, so the kernel's write comes too late.
#include <sys/mman.h>

#include "../../base/check.h"
#include "../../seams/receive_pages.h"
#include "../guard/pages.h"

namespace frameport {

void open_pages(uint8_t* bytes, size_t length) { close_pages(bytes, length); }

void close_pages(uint8_t* bytes, size_t length) {
  const size_t whole = length / page_bytes() * page_bytes();
  if (whole > 0) check(mprotect(bytes, whole, PROT_READ) == 0, "receive memory has pages of its own");
}

}  // namespace frameport
