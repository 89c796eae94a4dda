// Replaces seams/receive_pages.cc in the variant `guard`: closed pages can be read but not written.
// A kernel that still writes there returns EFAULT, and the connection's error fails the test; our own code stops with a
// signal. Reading stays allowed, because a test that keeps a chunk too long must be able to show that it was
// overwritten. Only whole pages have access rights: buffers smaller than a page stay open.
#include "../../seams/receive_pages.h"

#include <sys/mman.h>

#include "../../base/check.h"
#include "pages.h"

namespace frameport {

namespace {

void set_rights(uint8_t* bytes, size_t length, int rights) {
  const uintptr_t begin = rounded_to_page(reinterpret_cast<uintptr_t>(bytes));
  const uintptr_t end = (reinterpret_cast<uintptr_t>(bytes) + length) / page_bytes() * page_bytes();
  if (begin >= end) return;
  check(mprotect(reinterpret_cast<void*>(begin), end - begin, rights) == 0, "receive memory has pages of its own");
}

}  // namespace

void open_pages(uint8_t* bytes, size_t length) { set_rights(bytes, length, PROT_READ | PROT_WRITE); }

void close_pages(uint8_t* bytes, size_t length) { set_rights(bytes, length, PROT_READ); }

}  // namespace frameport
