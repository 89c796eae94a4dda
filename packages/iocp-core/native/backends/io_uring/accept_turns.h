#ifndef FRAMEPORT_IO_URING_ACCEPT_TURNS_H_
#define FRAMEPORT_IO_URING_ACCEPT_TURNS_H_

#include "../../port.h"
#include "kernel_abi.h"

namespace frameport::io_uring {

// The listeners that have used up their share of one `wait`: kAcceptsMax.
class AcceptTurns {
 public:
  // Takes one of the listener's accepts of this `wait`. False if it has used all of them.
  bool take(const Socket& listener);

 private:
  // As many as a large batch has room for: later ones get the next `wait`.
  static constexpr size_t kListenersMax = 32;
  struct Turn {
    const Socket* listener;
    size_t accepts;
  };
  Turn turns_[kListenersMax];
  size_t count_ = 0;
};

// Accepted connections that exceed the share of one `wait`. The kernel accepts all connections at once, and a storm
// would delay all others; here the rest waits for a later `wait`. `Socket::held_accepts` counts those of each listener.
class HeldAccepts {
 public:
  // From this many of one listener on, its accept ends, so that the rest of a storm waits in the listener's backlog.
  static constexpr uint32_t kOfListenerMax = 128;

  bool is_empty() const { return count_ == 0; }
  uint32_t count() const { return count_; }
  // False if there is no room: the entry stays in the completion queue.
  bool push(const CompletionEntry& entry, Socket& listener);
  CompletionEntry pop();

 private:
  // Room for those of eight listeners and a whole completion queue: before the kernel sees the request to end an
  // accept, it may fill the queue once.
  static constexpr uint32_t kHeldMax = 2048;
  CompletionEntry entries_[kHeldMax];
  uint32_t first_ = 0;
  uint32_t count_ = 0;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_ACCEPT_TURNS_H_
