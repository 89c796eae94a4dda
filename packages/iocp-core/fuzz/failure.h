#ifndef FRAMEPORT_FUZZ_FAILURE_H_
#define FRAMEPORT_FUZZ_FAILURE_H_

#include <cstdint>

namespace frameport::fuzz {

// The position of the run. Every failure prints it, so that the failure can be replayed.
struct Place {
  const char* backend = "";
  uint64_t seed = 0;        // of the episode
  uint32_t episode_steps = 0;  // the planned number
  uint32_t step = 0;        // in the episode
  uint64_t total_steps = 0;  // of all episodes so far
};
extern Place place;

// Prints the place when a check of the engine, a sanitizer or a signal ends the process.
void install_failure_reports();

// Ends the process with one sentence and the line that replays it.
[[noreturn]] void fail(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_FAILURE_H_
