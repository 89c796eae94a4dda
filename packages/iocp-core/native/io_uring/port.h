#ifndef FRAMEPORT_IO_URING_PORT_H_
#define FRAMEPORT_IO_URING_PORT_H_

#include <poll.h>
#include <sys/socket.h>

#include "../port.h"
#include "accept.h"
#include "buffer_ring.h"
#include "operation_list.h"
#include "ring.h"
#include "taken.h"
#include "wait_source.h"

namespace frameport::io_uring {

inline constexpr char kName[] = "io_uring";
// Null with the fault when the kernel refuses a step.
Port* make(const PortSetup& setup, PortFault& fault);

// Operations of the kernel, one for one. The ring belongs to the port's thread. What is submitted is gathered and
// handed over once in each `wait`, together with the call that collects completions; only a port that sleeps hands
// over at once.
class RingPort final : public Port {
 public:
  RingPort(int eventfd, int interrupt) : eventfd_(eventfd), interrupt_(interrupt), source_(ring_, eventfd, interrupt) {}
  ~RingPort() override;
  PortFault open(const PortSetup& setup);

  const char* name() const override { return kName; }
  int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) override;
  int32_t open(Socket& socket, const Address& address, const SocketOptions& options) override;
  int32_t associate(Socket& socket, Handle accepted) override;
  Submitted submit(Operation& operation) override;
  void try_send(SendAttempt* attempts, size_t count) override;
  void cancel(Operation& operation) override;
  size_t wait(Completion* completions, size_t capacity) override;
  bool has_ready() const override;
  bool try_sleep() override;
  void await_ready() override;
  void release(uint32_t buffer) override { buffers_.release(buffer); }
  void reset_on_close(Socket& socket) override;
  void close(Socket& socket) override;
  void discard(Handle accepted) override;
  int32_t local_address(const Socket& socket, Address& address) const override;
  int32_t remote_address(const Socket& socket, Address& address) const override;
  WaitSource& wait_source() override { return source_; }

 private:
  static constexpr size_t kLooksMax = 256;

  // Where an operation in flight is.
  enum Phase : uint32_t {
    kWaiting,     // in `waiting_`: the kernel has not seen it
    kInKernel,    // its final completion is still to come
    kFed,         // the same, and bytes have come since it was armed
    kCancelling,  // in the kernel, and in `waiting_` for its cancel
    kStarved,     // in one of the lists of those without a buffer
    kComplete,    // in `ready_`
  };

  // Collects into what the caller of `wait` gave.
  struct Gathering {
    Completion* const completions;
    const size_t capacity;
    size_t count = 0;
    size_t accepts = 0;
    bool is_full() const { return count == capacity; }
  };

  void hand_over_waiting();
  void prepare();
  void write_entry(Operation& operation);
  void take_queue(Gathering& gathering);
  bool take(const CompletionEntry& entry, Gathering& gathering);
  void take_operation(const CompletionEntry& entry, Gathering& gathering);
  void take_ready(Gathering& gathering);
  // See kHungUp.
  void look_for_hang_ups(const Gathering& gathering);
  nfds_t look(nfds_t count);
  void arm_starved();
  void drop_cancelled(OperationList& starved);
  void go_on(Operation& operation, Next next, bool fed);
  void end(Operation& operation);
  void complete_later(Operation& operation);
  Operation*& direction(const Operation& operation);
  void wake();

  Ring ring_;
  BufferRing buffers_;
  const int eventfd_;
  const int interrupt_;
  RingWaitSource source_;
  msghdr* headers_ = nullptr;  // one for each place in the submission queue
  OperationList waiting_;
  OperationList ready_;
  // Receives that found no buffer: those that got nothing since they were armed come first.
  OperationList hungry_;
  OperationList starved_;
  size_t starved_cancelled_ = 0;
  HeldAccepts held_;
  pollfd looked_at_[kLooksMax];
  Operation* looked_at_for_[kLooksMax];
  bool asleep_ = false;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_PORT_H_
