#include "event_counter.h"

#include <unistd.h>

#include <cstdint>

namespace frameport::event_counter {

void count_up(int eventfd) {
  const uint64_t one = 1;
  // A full counter is as readable as one that was just incremented.
  [[maybe_unused]] const ssize_t written = write(eventfd, &one, sizeof one);
}

}  // namespace frameport::event_counter
