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

// The contract of every back end. Operations are submitted, completions come back in batches. It is modelled on
// completion ports (IOCP, io_uring); a readiness interface such as epoll turns readiness into completions below
// this line, so that the code above does not see the difference. All calls are on one thread, except `WaitSource`.
//
// THE LAW. Each rule prevents a fault of the legacy server (docs/adr/0003); each has a regression test.
//  1. Record and bytes stay. From `in_flight` until its final completion is returned by `wait`, an operation's record
//     and its bytes belong to the port: nobody else moves, frees or writes them.
//  2. A failing path frees what it took. After `refused` the port holds nothing: the caller owns record and bytes, and
//     no completion follows.
//  3. One failed accept never ends the listening. A fault of one connection is reported with `more` still set. A lack
//     of resources ends the accept operation, not the listener: it is submitted again after a pause.
//  4. A socket is closed, and its resources freed, exactly once, after the final completion of its last operation.
//  5. A failed wait returns its completions and never spins: interruption is not an error, others end the process.
//  6. Zero bytes mean the end of the stream for a receive that had room, and for no other operation.
//  7. The kind of an operation is fixed when it is made and is never derived from state that changes.
//  8. Sizes are checked where they enter, and an operation that is only accepted for later is never called a success.

namespace frameport {

// A socket or descriptor of the operating system.
using Handle = intptr_t;
constexpr Handle kNoHandle = -1;

enum class OperationKind : uint8_t { accept, connect, receive, send, shutdown };

class Operation;

// A descriptor that belongs to a port. At most one operation is in flight for each direction.
struct Socket {
  Handle handle = kNoHandle;
  Operation* input = nullptr;   // accept or receive in flight
  Operation* output = nullptr;  // connect or send in flight
  void* record = nullptr;       // the back end's own record of the socket
  uint32_t interest = 0;        // epoll: what the kernel reports of it
  uint32_t held_accepts = 0;    // io_uring: accepted already, but not yet returned by `wait`
  bool hung_up = false;         // io_uring: the peer was seen to have gone
  bool listening = false;
};

// One request to the kernel. Its memory belongs to the submitter (rule 1); `owner` is theirs, untouched here.
class Operation {
 public:
  const OperationKind kind;

 private:
  uint8_t state_ = 0;

 public:
  // Only for back ends: how the operation ends if the port, not the kernel, ends it.
  int32_t end_status = 0;
  Socket* const socket;
  void* const owner;

  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  bool in_flight() const { return state_ != 0; }

  // Only for back ends: one word for the position of the operation. Each back end has an enum for it, which begins with
  // `idle`: the owner has the record. In every other state the port has it.
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
  // The pointer from its socket: at most one operation for each direction.
  Operation*& direction() const {
    const bool is_input = kind == OperationKind::accept || kind == OperationKind::receive;
    return is_input ? socket->input : socket->output;
  }
  // The list for a state, if it has one.
  Link<Operation> link;

 protected:
  Operation(OperationKind kind, Socket& socket, void* owner) : kind(kind), socket(&socket), owner(owner) {}
  ~Operation() { check(!in_flight(), "an operation is freed after its final completion"); }
};

using OperationList = LinkedList<Operation>;

// Multishot: a completion per accepted connection, with `more` set while the operation continues.
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

// Multishot, submitted without a buffer: the port takes room from its pool when bytes arrive. A completion with
// bytes keeps one reader of `buffer`, which the receiver of the completion returns by `release`.
class ReceiveOperation final : public Operation {
 public:
  ReceiveOperation(Socket& socket, void* owner) : Operation(OperationKind::receive, socket, owner) {}
};

struct SendPart {
  const uint8_t* bytes = nullptr;
  size_t length = 0;
};

constexpr uint32_t kSendPartsMax = 16;

// Completes once with the bytes that the kernel took: at least one, perhaps not all (the caller submits the rest).
class SendOperation final : public Operation {
 public:
  SendOperation(Socket& socket, void* owner) : Operation(OperationKind::send, socket, owner) {}
  SendPart parts[kSendPartsMax];
  uint32_t part_count = 0;
};

// Half-close of the sending side. The caller submits it if no send is in flight. ENOTCONN, refused or completed, means
// that the connection is already gone, which a receive or the close will explain; any other status breaks it.
class ShutdownOperation final : public Operation {
 public:
  ShutdownOperation(Socket& socket, void* owner) : Operation(OperationKind::shutdown, socket, owner) {}
};

enum class SubmitOutcome : uint8_t {
  done,       // complete now, with success; no completion follows; the caller has record and bytes again
  in_flight,  // the port has record and bytes until the final completion (rule 1)
  refused,    // never started; no completion follows; the caller has record and bytes (rule 2)
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
  Handle accepted = kNoHandle;  // owned by the receiver of the completion
  bool more = false;            // the operation is still in flight; otherwise this completion is its last
};

// Bytes offered to the kernel now, lent until the call returns: none of them are kept.
struct SendAttempt {
  Socket* socket = nullptr;
  const SendPart* parts = nullptr;
  uint32_t part_count = 0;
  // The answer: the bytes that the kernel took (0 if it has no room, or if the back end cannot try), and 0 or why
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

// Wakes a port that sleeps: a separate thread blocks in `wait`, or an event loop watches the descriptor.
class WaitSource {
 public:
  virtual ~WaitSource() = default;
  // Returns true when `wait` of the port has completions to return, false once `interrupt` was called.
  virtual bool wait() = 0;
  // From any thread; it is permanent.
  virtual void interrupt() = 0;
  // The alternative, requested once and before the first sleep: a descriptor that is readable when `take` has
  // a result. kNoHandle if there is none, with the error number.
  virtual Handle watched(int32_t& status) {
    status = EOPNOTSUPP;
    return kNoHandle;
  }
  // Without blocking, on the port's thread: the result of `wait`, or false if there is none yet.
  virtual bool take() { return false; }
};

class Port {
 public:
  virtual ~Port() = default;

  virtual const char* name() const = 0;

  // Opens a listening descriptor for `socket`, bound to `address`. Accepted sockets have `options.socket`. On failure
  // the socket has no descriptor, and the error number is returned: EOPNOTSUPP for an unsupported option.
  virtual int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) = 0;
  // Opens a descriptor for `socket` that can connect to `address`. On failure as `listen`.
  virtual int32_t open(Socket& socket, const Address& address, const SocketOptions& options) = 0;
  // Adds an accepted descriptor to the port (IOCP: associates it). On failure the port has closed it.
  virtual int32_t associate(Socket& socket, Handle accepted) = 0;

  virtual Submitted submit(Operation& operation) = 0;
  // Tries now and writes the answers. A socket appears at most once, and none has a send in flight.
  virtual void try_send(SendAttempt* attempts, size_t count) = 0;
  // Ends an operation in flight; its final completion still comes (with success if it was faster). No-op otherwise.
  virtual void cancel(Operation& operation) = 0;
  // Returns up to `capacity` completions (at least kCompletionsMin) without blocking. Work per socket is bounded, so
  // that one busy peer does not starve the others.
  virtual size_t wait(Completion* completions, size_t capacity) = 0;
  // Whether `wait` has work that its wait source does not show: completions made by `cancel`, for instance,
  // or operations that the system has not seen or had no memory for. Check it after submitting while nobody waits.
  virtual bool has_ready() const = 0;
  // Called before waiting on or watching the wait source. False if `wait` has completions already, or the system lacks
  // the memory to watch: then it is called again after another `wait`. Otherwise everything submitted
  // has reached the system, and until the next `wait` the wait source shows each completion of it. `has_ready` covers
  // operations that are submitted or cancelled in between.
  virtual bool try_sleep() = 0;
  // Blocks until `wait` has completions to return. Used for shutdown, when everything in flight was cancelled.
  virtual void await_ready() = 0;
  // Removes one reader of a receive's buffer.
  virtual void release(uint32_t buffer) = 0;

  // From now on, closing this socket resets the connection.
  virtual void reset_on_close(Socket& socket) = 0;
  // Closes the descriptor. No operation of the socket may be in flight (rule 4).
  virtual void close(Socket& socket) = 0;
  // Closes an accepted descriptor that was never added to the port.
  virtual void discard(Handle accepted) = 0;

  virtual int32_t local_address(const Socket& socket, Address& address) const = 0;
  virtual int32_t remote_address(const Socket& socket, Address& address) const = 0;

  virtual WaitSource& wait_source() = 0;
};

// The options of a port. A back end without workers has one.
struct PortSetup {
  ReceiveMemory memory;
  uint32_t workers = 1;
};

// Why a port could not be made: the name of the failed system call, and the error number.
struct PortFault {
  const char* step = "";
  int32_t status = 0;
};

// One system feature that a back end needs, and the result of trying it. Without a required one the back end does not
// work here; without an optional one it works with restrictions.
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
