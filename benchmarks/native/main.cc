#include <cstdio>
#include <cstdlib>

#include "measured.h"

void fail(const char* reason) {
  std::fprintf(stderr, "%s\n", reason);
  std::exit(1);
}

int main(int count, char** arguments) {
  if (count != 2) fail("usage: PROGRAM ROUNDS");
  measured(static_cast<uint32_t>(std::strtoul(arguments[1], nullptr, 10)));
}
