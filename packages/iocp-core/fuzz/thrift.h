#ifndef FRAMEPORT_FUZZ_THRIFT_H_
#define FRAMEPORT_FUZZ_THRIFT_H_

#include <poll.h>

#include <cstdint>
#include <vector>

namespace frameport::fuzz {

class Kernel;
class Model;
struct Stream;

// Rules about calls of the kernel that nobody needs, and about requests that a port keeps back without a reason. A port
// that breaks one of them still makes progress, so that nothing else here would see it.

// An engine call during which a port that is awake may enter the kernel: those that end in `Port::wait`, `try_sleep` or
// `try_send`. The header of the port on io_uring says so: only a port that sleeps hands over at once.
class MayEnter {
 public:
  explicit MayEnter(Kernel& kernel);
  ~MayEnter();
  MayEnter(const MayEnter&) = delete;
  MayEnter& operator=(const MayEnter&) = delete;

 private:
  Kernel& kernel_;
};

// io_uring_enter is called. `has_work`: the kernel has deferred work, or completions that did not fit the queue.
void check_enter(const Kernel& kernel, uint32_t submit, uint32_t wait_for, bool gets_events, bool has_work);
// The eventfd is counted up: it is audible while the port sleeps, and at no other time.
void check_audible(const Kernel& kernel);

// What a ring has ended and the port has to submit anew (docs/completion-model.md).
class Resubmissions {
 public:
  explicit Resubmissions(Kernel& kernel) : kernel_(kernel) {}

  // A request ends with the completion of that number, counted from the ring's first.
  void ended(Stream& stream, bool is_input, int32_t result, uint32_t number);
  void submitted(Stream& stream, bool is_input);
  // A gather begins, with so many buffers at most for receives to find: one receive for each of them may be submitted
  // among those that found none.
  void begin_gather(uint32_t buffers);
  // The port has handed over everything it had, together with the call that collects; `read` completions were taken
  // before. What ended in passing, and not for want of a buffer, is among what it handed over.
  void check_handed_over(uint32_t read);

 private:
  struct Ended {
    Stream* stream;
    bool is_input;
    uint32_t number;
  };
  Kernel& kernel_;
  std::vector<Ended> in_passing_;
  uint32_t turns_ = 0;  // receives that found no buffer, and may be submitted
};

// The engine asks the kernel to end a receive: because its user stopped it, because the connection closes or has hung
// up, or because the look for a hang-up had no answer.
void check_cancel(const Kernel& kernel, const Stream& stream);
// poll(2) has no answer about hang-ups: all receives that it named may be submitted anew.
void note_failed_look(Kernel& kernel, const pollfd* watched, nfds_t count);

// The port sleeps: everything submitted has reached the system (`Port::try_sleep`), except receives that wait for a
// buffer while there is none.
void check_asleep(Kernel& kernel, const Model& model);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_THRIFT_H_
