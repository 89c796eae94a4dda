#ifndef FRAMEPORT_RECEIVE_PAGES_H_
#define FRAMEPORT_RECEIVE_PAGES_H_

#include <cstddef>
#include <cstdint>

namespace frameport {

// The part of the receive memory that the kernel may write to. A back end opens a range before the kernel gets it
// and closes it when its last reader has returned it. Both do nothing here; the variant `guard` replaces this file
// by one that sets the rights of the pages, so that a late write fails instead of changing bytes that
// have another owner. Sanitizers do not see the kernel's writes.
void open_pages(uint8_t* bytes, size_t length);
void close_pages(uint8_t* bytes, size_t length);

}  // namespace frameport

#endif  // FRAMEPORT_RECEIVE_PAGES_H_
