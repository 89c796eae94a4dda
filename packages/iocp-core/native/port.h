#ifndef FRAMEPORT_PORT_H_
#define FRAMEPORT_PORT_H_

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "base/check.h"
#include "base/linked_list.h"
#include "base/one_of.h"
#include "seams/address.h"
#include "seams/receive_memory.h"

// The one contract of every back end. Operations are submitted, completions come back in batches. It is shaped after
// completion ports (IOCP, io_uring); a readiness interface such as epoll makes its completions from readiness below
// this line, so that nothing above it knows the difference. Everything here is called on one thread, but `WaitSource`.
//
// THE LAW. Each rule stands for a fault of the legacy server (docs/adr/0003); each has a regression test.
//  1. Record and bytes stay. From `in_flight` until its final completion is returned by `wait`, an operation's record
//     and the bytes it names belong to the port: they neither move nor are freed nor are written by anybody else.
//  2. A failing path frees what it took. `refused` leaves the port with nothing: the caller owns record and bytes, and
//     no completion follows.
//  3. One failed accept never ends the listening. A fault of one connection is reported with `more` still set. A lack
//  of
//     resources ends the accept operation, not the listener: it is submitted again after a pause.
//  4. A socket is closed, and what hangs on it freed, exactly once, after the final completion of its last operation.
//  5. A failed wait returns what it has and never spins: interruption is not an error, anything else ends the process.
//  6. Zero bytes mean the end of the stream for a receive that had room, and for no other operation.
//  7. The kind of an operation is fixed when it is made and is never derived from state that changes.
//  8. Sizes are checked where they enter, and no outcome is called success that is only "accepted for later".

namespace frameport {

// A socket or descriptor as the operating system names it.
using Handle = intptr_t;
constexpr Handle kNoHandle = -1;

enum class OperationKind : uint8_t { accept, connect, receive, send, shutdown };

class Operation;

// A descriptor that belongs to a port. At most one operation in flight for each direction.
struct Socket {
  Handle handle = kNoHandle;
  Operation* input = nullptr;   // accept or receive in flight
  Operation* output = nullptr;  // connect or send in flight
  void* record = nullptr;       // the back end's own record of the socket
  uint32_t interest = 0;        // epoll: what the kernel reports of it
  uint32_t held_accepts = 0;    // io_uring: accepted already, and waiting for their turn
  bool hung_up = false;         // io_uring: the peer was seen to have gone
  bool listening = false;
};

// One request to the kernel. Its memory belongs to whoever submits it (rule 1); `owner` is theirs, untouched here.
class Operation {
 public:
  const OperationKind kind;

 private:
  uint8_t state_ = 0;

 public:
  // For back ends alone: how the operation ends, where the port and not the kernel ends it.
  int32_t end_status = 0;
  Socket* const socket;
  void* const owner;

  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  bool in_flight() const { return state_ != 0; }

  // For back ends alone. One word says where the operation is. Each back end has an enum for it, which begins with
  // `idle`: the record is its owner's. In every other state it is the port's.
  template <typename State>
  State state() const {
    static_assert(sizeof(State) == sizeof state_ && static_cast<uint8_t>(State::idle) == 0, "0 is idle");
    return static_cast<State>(state_);
  }
  template <typename State>
  void move(std::initializer_list<State> from, State to) {
    check(is_one_of(state<State>(), from), "an operation goes from one state to the next and leaves none out");
    state_ = static_cast<uint8_t>(to);
  }
  // Where its socket names it: one operation at most for each direction.
  Operation*& direction() const {
    const bool is_input = kind == OperationKind::accept || kind == OperationKind::receive;
    return is_input ? socket->input : socket->output;
  }
  // The list that goes with a state, where one does.
  Link<Operation> link;

 protected:
  Operation(OperationKind kind, Socket& socket, void* owner) : kind(kind), socket(&socket), owner(owner) {}
  ~Operation() { check(!in_flight(), "an operation is freed after its final completion"); }
};

using OperationList = LinkedList<Operation>;

// Multishot: a completion per accepted connection, `more` set while the operation goes on.
class AcceptOperation final : public Operation {
 public:
  AcceptOperation(Socket& socket, void* owner) : Operation(OperationKind::accept, socket, owner) {}
};

// Completes once. `remote` stays valid until then.
class ConnectOperation final : public Operation {
 public:
  ConnectOperation(Socket& socket, void* owner) : Operation(OperationKind::connect, socket, owner) {}
  Address remote;
};

// Multishot and submitted without a buffer: the port takes room from its pool when bytes are there. A completion with
// bytes keeps one reader of `buffer`, which the taker of the completion gives back by `release`.
class ReceiveOperation final : public Operation {
 public:
  ReceiveOperation(Socket& socket, void* owner) : Operation(OperationKind::receive, socket, owner) {}
};

struct SendPart {
  const uint8_t* bytes = nullptr;
  size_t length = 0;
};

constexpr uint32_t kSendPartsMax = 16;

// Completes once with what the kernel took: at least one byte, perhaps not all (the caller submits the rest again).
class SendOperation final : public Operation {
 public:
  SendOperation(Socket& socket, void* owner) : Operation(OperationKind::send, socket, owner) {}
  SendPart parts[kSendPartsMax];
  uint32_t part_count = 0;
};

// Half-close of the sending side. The caller submits it when no send is in flight. ENOTCONN, refused or completed, says
// that the connection is gone already, which a receive or the close will explain; any other status breaks it.
class ShutdownOperation final : public Operation {
 public:
  ShutdownOperation(Socket& socket, void* owner) : Operation(OperationKind::shutdown, socket, owner) {}
};

enum class SubmitOutcome : uint8_t {
  done,       // complete now, with success; no completion follows; record and bytes are the caller's again
  in_flight,  // record and bytes are the port's until the final completion (rule 1)
  refused,    // never started; no completion follows; record and bytes are the caller's (rule 2)
};

// `status` is 0 or the error number of the operating system, everywhere in this contract.
struct Submitted {
  SubmitOutcome outcome;
  int32_t status;
};

struct Completion {
  Operation* operation = nullptr;
  int32_t status = 0;              // 0, an error number, or that of "cancelled" after `cancel`
  uint32_t length = 0;             // bytes received or sent
  const uint8_t* bytes = nullptr;  // received bytes, inside the receive memory
  uint32_t buffer = 0;
  Handle accepted = kNoHandle;  // owned by whoever takes the completion
  bool more = false;            // the operation is still in flight; otherwise this completion is its last
};

// Bytes offered to the kernel now, lent for the length of the call: nothing of them is kept.
struct SendAttempt {
  Socket* socket = nullptr;
  const SendPart* parts = nullptr;
  uint32_t part_count = 0;
  // The answer: what the kernel took (0 when it has no room, or when the back end has no such attempt), and 0 or why
  // the connection is broken.
  size_t length = 0;
  int32_t status = 0;
};

struct SocketOptions {
  bool no_delay = true;
  bool reset_on_close = false;
  uint32_t keep_alive_idle_ms = 0;  // 0: off
  uint32_t not_sent_low_bytes = 0;  // TCP_NOTSENT_LOWAT, where the system has it; 0: the system's own
};

struct ListenOptions {
  SocketOptions socket;
  int32_t backlog = 4096;
  bool reuse_port = false;
  bool ipv6_only = false;
};

// What wakes a port that sleeps: a thread of its own blocks in `wait`, or an event loop watches the descriptor.
class WaitSource {
 public:
  virtual ~WaitSource() = default;
  // Returns true when `wait` of the port has something to return, false once `interrupt` was called.
  virtual bool wait() = 0;
  // From any thread, and for ever.
  virtual void interrupt() = 0;
  // Instead of all that, asked for once and before the first sleep: a descriptor that is readable when `take` has
  // something to say. kNoHandle where there is none, with the error number.
  virtual Handle watched(int32_t& status) {
    status = EOPNOTSUPP;
    return kNoHandle;
  }
  // At once, on the port's thread: what `wait` returns, or false when there is nothing yet.
  virtual bool take() { return false; }
};

class Port {
 public:
  virtual ~Port() = default;

  virtual const char* name() const = 0;

  // Gives `socket` a descriptor bound to `address` and listening. Accepted sockets carry `options.socket`. On failure
  // the socket has no descriptor and the error number is returned: EOPNOTSUPP for an option that the system has not.
  virtual int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) = 0;
  // Gives `socket` a descriptor fit for a connect to `address`. On failure as `listen`.
  virtual int32_t open(Socket& socket, const Address& address, const SocketOptions& options) = 0;
  // Makes an accepted descriptor the port's own (IOCP: associates it). On failure the port has closed it.
  virtual int32_t associate(Socket& socket, Handle accepted) = 0;

  virtual Submitted submit(Operation& operation) = 0;
  // Tries now and writes the answers. A socket is named once at most, and none with a send in flight.
  virtual void try_send(SendAttempt* attempts, size_t count) = 0;
  // Ends an operation in flight; its final completion still comes (with success if it was faster). No-op otherwise.
  virtual void cancel(Operation& operation) = 0;
  // Up to `capacity` completions (at least kCompletionsMin) without blocking. Work for each socket is bounded, so that
  // one busy peer does not starve the others.
  virtual size_t wait(Completion* completions, size_t capacity) = 0;
  // Whether `wait` has something to do that its wait source does not show: completions made by `cancel`, for instance,
  // or operations that the system has not been shown or had no memory to take. Whoever submits while nobody waits asks.
  virtual bool has_ready() const = 0;
  // Asked before the wait source is waited on or watched. False when `wait` has something already, or the system lacks
  // the memory to watch: then it is asked again after another `wait`. Otherwise everything submitted
  // has reached the system, and until the next `wait` the wait source shows whatever of it completes. Of what is
  // submitted or cancelled meanwhile, `has_ready` tells.
  virtual bool try_sleep() = 0;
  // Blocks until `wait` has something to return. For an end, when all that is in flight has been cancelled.
  virtual void await_ready() = 0;
  // One reader of a receive's buffer less.
  virtual void release(uint32_t buffer) = 0;

  // From now on, closing this socket resets the connection instead of ending it.
  virtual void reset_on_close(Socket& socket) = 0;
  // Closes the descriptor. No operation of the socket may be in flight (rule 4).
  virtual void close(Socket& socket) = 0;
  // Closes an accepted descriptor that never became a socket of the port.
  virtual void discard(Handle accepted) = 0;

  virtual int32_t local_address(const Socket& socket, Address& address) const = 0;
  virtual int32_t remote_address(const Socket& socket, Address& address) const = 0;

  virtual WaitSource& wait_source() = 0;
};

// What a port is made with. Where a back end has no such thing as workers, it has one.
struct PortSetup {
  ReceiveMemory memory;
  uint32_t workers = 1;
};

// Why a port could not be made: the step that failed, as the system calls it, and the error number.
struct PortFault {
  const char* step = "";
  int32_t status = 0;
};

// One thing a back end needs of the system, tried out. Without a required one the back end does not work here;
// without another it works with less.
struct ProbeStep {
  const char* name = "";
  int32_t status = 0;  // 0 or the error number
  bool required = true;
};
constexpr size_t kProbeStepsMax = 32;

// Accepts of one listener in one `wait`: a storm of 512 unbounded accepts delayed a 5 ms timer by 20 to 45 ms.
constexpr size_t kAcceptsMax = 16;
constexpr size_t kCompletionsMin = 2 * kAcceptsMax;

}  // namespace frameport

#endif  // FRAMEPORT_PORT_H_
