#ifndef FRAMEPORT_GUARD_PAGES_H_
#define FRAMEPORT_GUARD_PAGES_H_

#include <unistd.h>

#include <cstddef>

namespace frameport {

inline size_t page_bytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

inline size_t rounded_to_page(size_t bytes) { return (bytes + page_bytes() - 1) / page_bytes() * page_bytes(); }

}  // namespace frameport

#endif  // FRAMEPORT_GUARD_PAGES_H_
