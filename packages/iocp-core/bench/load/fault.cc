#include "fault.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace frameport::bench {

void fail(const char* what) {
  std::fprintf(stderr, "load: %s (%s)\n", what, std::strerror(errno));
  std::exit(1);
}

void refuse(const char* what, uint64_t expected, uint64_t actual) {
  std::fprintf(stderr, "load: wrong %s: expected %llu, got %llu\n", what, static_cast<unsigned long long>(expected),
               static_cast<unsigned long long>(actual));
  std::exit(1);
}

}  // namespace frameport::bench
