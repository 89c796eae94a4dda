#ifndef FRAMEPORT_EPOLL_PORT_H_
#define FRAMEPORT_EPOLL_PORT_H_

#include <sys/epoll.h>

#include "../../port.h"
#include "../common/receive_pool.h"
#include "wait_source.h"

namespace frameport::epoll {

// The state of an operation; native/port.h explains that word.
enum class OperationState : uint8_t {
  idle,
  waiting,  // for readiness: its socket's `input` or `output` refers to it
  ended,    // in `ended_`: the next `wait` returns its completion
};

inline constexpr char kName[] = "epoll";
// Null, with the fault, if the kernel refuses a descriptor.
Port* make(const PortSetup& setup, PortFault& fault);

// Makes completions from readiness. Level-triggered, one receive for each ready socket in a `wait`: a socket with more
// bytes stays ready, so fairness needs no separate list. Interest is widened at once, and narrowed only when an event
// comes for which no operation waits: so pausing and resuming, or two sends in a row, cost no system call.
class EpollPort final : public Port {
 public:
  EpollPort(const ReceiveMemory& memory, int epoll_descriptor, int interrupt_descriptor);
  ~EpollPort() override;
  // False if there was no memory: then it can only be deleted.
  bool is_made() const { return pool_.is_made(); }

  const char* name() const override { return kName; }
  int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) override;
  int32_t open(Socket& socket, const Address& address, const SocketOptions& options) override;
  int32_t associate(Socket& socket, Handle accepted) override;
  Submitted submit(Operation& operation) override;
  void try_send(SendAttempt* attempts, size_t count) override;
  void cancel(Operation& operation) override;
  size_t wait(Completion* completions, size_t capacity) override;
  bool has_ready() const override { return !ended_.is_empty(); }
  bool try_sleep() override { return !has_ready() && wait_source_.arm(); }
  void await_ready() override;
  void release(uint32_t buffer) override { pool_.release(buffer); }
  void reset_on_close(Socket& socket) override;
  void close(Socket& socket) override;
  void discard(Handle accepted) override;
  int32_t local_address(const Socket& socket, Address& address) const override;
  int32_t remote_address(const Socket& socket, Address& address) const override;
  WaitSource& wait_source() override { return wait_source_; }

 private:
  static constexpr int kEventsMax = 256;
  // Received bytes in one `wait`. A batch is read again when it is processed, and one that fits the cache of a core
  // need not come from memory then. It still holds hundreds of short receives.
  static constexpr size_t kReceivedBytesMax = 256 * 1024;

  // Makes the kernel report for the socket what its operations in flight need. 0 or the error number.
  int32_t watch(Socket& socket);
  // Narrows it, once an event showed that the kernel reports too much.
  void narrow(Socket& socket, uint32_t needed);
  Submitted start_waiting(Operation& operation);
  // The only function that changes an operation's state, and with it its list and its socket's pointer.
  void move(Operation& operation, std::initializer_list<OperationState> from, OperationState to);
  size_t take_ended(Completion* completions, size_t capacity);
  void fetch_events();
  // Completions of the next event.
  size_t take_event(Completion* completions);
  // A closed socket has no more events.
  void forget_events(const Socket& socket);
  size_t complete_input(Socket& socket, Completion* completions);
  size_t complete_output(Socket& socket, Completion* completions);

  ReceivePool pool_;
  const int epoll_;
  EpollWaitSource wait_source_;
  OperationList ended_;
  // Events that a wait had no room for come first in the next: asking the kernel again would return the same sockets.
  epoll_event events_[kEventsMax];
  int event_next_ = 0;
  int event_count_ = 0;
};

}  // namespace frameport::epoll

#endif  // FRAMEPORT_EPOLL_PORT_H_
