#ifndef FRAMEPORT_FUZZ_SLEEPER_H_
#define FRAMEPORT_FUZZ_SLEEPER_H_

#include <poll.h>
#include <sys/types.h>

namespace frameport::fuzz {

class Kernel;

// What happens while a thread blocks in poll(2): the rest of the program goes on.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // One step of everybody else. False when the sleep has to end without a cause (a wake-up may be spurious).
  virtual bool step() = 0;
};

// Who is asked while poll(2) has nothing to return.
extern Sleeper* sleeper;

ssize_t poll_descriptors(Kernel& kernel, pollfd* watched, nfds_t count, int patience);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_SLEEPER_H_
