#ifndef FRAMEPORT_RECEIVE_PAGES_H_
#define FRAMEPORT_RECEIVE_PAGES_H_

#include <cstddef>
#include <cstdint>

namespace frameport {

// Which part of the receive memory the kernel may write to. A back end opens a range before it hands it to the kernel
// and closes it when its last reader has given it back. Both do nothing here; the variant `guard` replaces this file
// by one that sets the rights of the pages, so that a write which comes too late fails instead of changing bytes that
// belong to somebody else. Sanitizers do not see what the kernel writes.
void open_pages(uint8_t* bytes, size_t length);
void close_pages(uint8_t* bytes, size_t length);

}  // namespace frameport

#endif  // FRAMEPORT_RECEIVE_PAGES_H_
