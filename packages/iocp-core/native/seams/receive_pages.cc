#include "receive_pages.h"

namespace frameport {

void open_pages(uint8_t*, size_t) {}

void close_pages(uint8_t*, size_t) {}

}  // namespace frameport
