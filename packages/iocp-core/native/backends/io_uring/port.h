#ifndef FRAMEPORT_IO_URING_PORT_H_
#define FRAMEPORT_IO_URING_PORT_H_

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "../../port.h"
#include "accept_turns.h"
#include "buffer_ring.h"
#include "entry_outcome.h"
#include "operation_state.h"
#include "ring.h"
#include "wait_source.h"

namespace frameport::io_uring {

inline constexpr char kName[] = "io_uring";
// Null, with the fault, if the kernel refuses a step.
Port* make(const PortSetup& setup, PortFault& fault);

// Maps each operation to one of the kernel. The ring belongs to the port's thread. Submissions are gathered and
// handed over once in each `wait`, together with the call that collects completions.
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
  // With a completion, the kernel has lost an operation that would never end, and bytes of a stream. It is unknown
  // whose, so every operation ends with this, and the port accepts no more. It closes like any other.
  static constexpr int32_t kBrokenStatus = ENOBUFS;

  // Collects into the array of the caller of `wait`.
  struct Gathering {
    Completion* const completions;
    const size_t capacity;
    size_t count = 0;
    AcceptTurns turns = {};
    bool is_full() const { return count == capacity; }
  };

  // The only function that changes an operation's state, and with it its list and its socket's pointer.
  void move(Operation& operation, std::initializer_list<OperationState> from, OperationState to);
  // Null if the state has no list.
  OperationList* list_of(OperationState state);
  void end_later(Operation& operation, int32_t status);

  void wake();
  void listen_again();
  void hand_over();
  void write_entries();
  void write_entry(Operation& operation);
  void write_cancel(Operation& operation);

  void take_queue(Gathering& gathering);
  bool take_entry(const CompletionEntry& entry, Gathering& gathering);
  void take_completion(const CompletionEntry& entry, Gathering& gathering);
  void take_held(Gathering& gathering);
  bool hold(const CompletionEntry& entry, Operation& accept);
  void take_ended(Gathering& gathering);
  // The next state of the operation after the kernel's `next`.
  void settle(Operation& operation, Next next, bool brought_bytes);
  // See prepare_receive.
  void look_for_hang_ups(const Gathering& gathering);
  nfds_t look(nfds_t count);
  void submit_receives_without_buffer();

  // See `kBrokenStatus`.
  bool must_break() const { return !broken_ && ring_.has_lost_completions(); }
  void break_down();
  void discard_completions();

  Ring ring_;
  BufferRing buffers_;
  const int eventfd_;
  const int interrupt_;
  RingWaitSource source_;
  msghdr* headers_ = nullptr;  // one for each place in the submission queue
  // Each is the list of one state or more: see `list_of`.
  OperationList to_submit_;
  OperationList to_end_;
  OperationList in_kernel_;
  OperationList without_buffer_;
  OperationList without_next_buffer_;
  OperationList ended_;
  HeldAccepts held_;
  pollfd looked_at_[kLooksMax];
  Operation* looked_at_for_[kLooksMax];
  bool asleep_ = false;
  bool broken_ = false;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_PORT_H_
