// Tests of the ring that a port cannot show, in a separate program. Prints one line for each check.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../native/backends/io_uring/ring.h"

using frameport::io_uring::Ring;

namespace {

constexpr uint32_t kSubmissions = 4;
constexpr uint32_t kCompletions = 8;

// Submits requests that do nothing and complete immediately; their names are numbers.
void submit(Ring& ring, uint64_t first, uint32_t count) {
  for (uint32_t index = 0; index < count; index++) {
    while (ring.room() == 0) ring.enter(false);
    ring.next()->user_data = first + index;
  }
  while (ring.queued() > 0) ring.enter(false);
}

// Reads all completions; false if one is out of order.
bool take_all(Ring& ring, uint64_t& expected) {
  while (ring.has_something()) {
    if (ring.ready() == 0) ring.enter(true);
    while (ring.ready() > 0) {
      if (ring.completion(0).user_data != expected++) return false;
      ring.advance(1);
    }
  }
  return true;
}

void overflow(Ring& ring) {
  submit(ring, 0, 5 * kCompletions);
  printf("%u ready, %s\n", ring.ready(), ring.overflowed() ? "overflowed" : "not overflowed");
  uint64_t next = 0;
  const bool in_order = take_all(ring, next);
  printf("%u taken, %s, %s\n", static_cast<unsigned>(next), in_order ? "in order" : "out of order",
         ring.overflowed() ? "overflowed" : "not overflowed");
}

// The child uses the ring of its parent, or ends without using it.
void fork_once(Ring& ring, bool uses_ring) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    if (uses_ring) submit(ring, 0, 1);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("child ended by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  submit(ring, 100, 2);
  uint64_t next = 100;
  const bool in_order = take_all(ring, next);
  printf("parent went on %s\n", in_order && next == 102 ? "well" : "badly");
}

}  // namespace

int main() {
  Ring ring;
  const frameport::PortFault fault = ring.open(kSubmissions, kCompletions);
  if (fault.status != 0) {
    printf("%s: %d\n", fault.step, fault.status);
    return 1;
  }
  overflow(ring);
  fork_once(ring, false);
  fork_once(ring, true);
  return 0;
}
