#ifndef FRAMEPORT_FUZZ_THRIFT_H_
#define FRAMEPORT_FUZZ_THRIFT_H_

#include <poll.h>

#include <cstdint>
#include <vector>

namespace frameport::fuzz {

class Kernel;
class Model;
struct Stream;

// Rules against needless system calls, and against requests that a port keeps back without a reason. A port that breaks
// such a rule still makes progress, so no other check of the fuzzer would notice it.

// Marks an engine call during which a port that is awake may call io_uring_enter: the call uses `Port::wait`,
// `try_sleep` or `try_send`. By the header of the io_uring port, only a sleeping port submits immediately.
class MayEnter {
 public:
  explicit MayEnter(Kernel& kernel);
  ~MayEnter();
  MayEnter(const MayEnter&) = delete;
  MayEnter& operator=(const MayEnter&) = delete;

 private:
  Kernel& kernel_;
};

// Checks a call of io_uring_enter. `has_work`: the kernel has deferred work, or completions that did not fit the queue.
void check_enter(const Kernel& kernel, uint32_t submit, uint32_t wait_for, bool gets_events, bool has_work);
// Checks that the eventfd is notified only while the port sleeps.
void check_audible(const Kernel& kernel);

// Requests that the ring ended and that the port has to submit again (docs/completion-model.md).
class Resubmissions {
 public:
  explicit Resubmissions(Kernel& kernel) : kernel_(kernel) {}

  // A request ended. `number` is the number of its last completion, counted from the first one of the ring.
  void ended(Stream& stream, bool is_input, int32_t result, uint32_t number);
  void submitted(Stream& stream, bool is_input);
  // A gather begins. For each of these buffers, the port may submit one of the receives that found no buffer before.
  void begin_gather(uint32_t buffers);
  // The port submitted everything it had, in the call that collects completions, after it had read `read` completions.
  // Checks that it submitted again all requests that ended only temporarily, except those that found no buffer.
  void check_handed_over(uint32_t read);

 private:
  struct Ended {
    Stream* stream;
    bool is_input;
    uint32_t number;
  };
  Kernel& kernel_;
  std::vector<Ended> in_passing_;
  uint32_t turns_ = 0;  // how many of the receives that found no buffer may be submitted
};

// The port cancels a receive. Allowed reasons: the user stopped it, the connection closes or has hung up, or the
// poll(2) that looked for a hang-up failed.
void check_cancel(const Kernel& kernel, const Stream& stream);
// A poll(2) that looked for hang-ups failed: the port may cancel and resubmit the receives of all its sockets.
void note_failed_look(Kernel& kernel, const pollfd* watched, nfds_t count);

// The port sleeps. Checks that everything submitted has reached the system (`Port::try_sleep`), except receives that
// wait for a buffer while there is none.
void check_asleep(Kernel& kernel, const Model& model);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_THRIFT_H_
