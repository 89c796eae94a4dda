// Takes the place of binding/receive_array.cc in the variant `guard`: memory mapped for it alone. Its addresses are
// never used again, so that a write which comes after the end of a port fails, too.
#include "../binding/receive_array.h"

#include <sys/mman.h>

#include "../check.h"
#include "pages.h"

namespace frameport {

namespace {

void give_back(Napi::Env, void* pages, size_t* bytes) {
  check(madvise(pages, *bytes, MADV_DONTNEED) == 0, "the receive memory is mapped");
  check(mprotect(pages, *bytes, PROT_NONE) == 0, "the receive memory can be closed");
  delete bytes;
}

}  // namespace

Napi::ArrayBuffer receive_array(Napi::Env env, size_t bytes) {
  const size_t mapped = rounded_to_page(bytes);
  void* pages = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(pages != MAP_FAILED, "there are addresses for the receive memory");
  return Napi::ArrayBuffer::New(env, pages, bytes, give_back, new size_t(mapped));
}

}  // namespace frameport
