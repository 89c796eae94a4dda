#include "check.h"

#include <cstdio>
#include <cstdlib>

namespace frameport {

void check_failed(const char* sentence, const char* file, int line) {
  std::fprintf(stderr, "frameport: broken invariant: %s (%s:%d)\n", sentence, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace frameport
