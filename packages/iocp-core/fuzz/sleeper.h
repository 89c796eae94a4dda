#ifndef FRAMEPORT_FUZZ_SLEEPER_H_
#define FRAMEPORT_FUZZ_SLEEPER_H_

#include <poll.h>
#include <sys/types.h>

namespace frameport::fuzz {

class Kernel;

// Runs the rest of the program while a thread blocks in poll(2).
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // Makes one step of the rest. Returns false if the sleep has to end without a cause (a spurious wake-up).
  virtual bool step() = 0;
};

// Its `step` is called while poll(2) has nothing to return.
extern Sleeper* sleeper;

ssize_t poll_descriptors(Kernel& kernel, pollfd* watched, nfds_t count, int patience);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_SLEEPER_H_
