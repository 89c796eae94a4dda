#ifndef FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_
#define FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_

#include <winsock2.h>

#include <windows.h>

#include <cstdint>
#include <initializer_list>

#include "../../base/linked_list.h"
#include "../../port.h"

namespace frameport {

struct OverlappedSocket;

// What a record is for is fixed when it is made (rule 7).
enum class RecordKind : uint8_t { accept, receive, output };

enum class RecordState : uint8_t {
  idle,
  in_kernel,  // posted: the kernel writes to the OVERLAPPED until the packet of its completion was dequeued
  listed,     // complete, in a list of the port
  signalled,  // a receive that completed while nobody waited for it
  paused,     // the system had no memory for it: in the port's list of those it posts again after a pause
};

// One overlapped operation, made together with its socket and used again and again. It is an OVERLAPPED, so that a
// dequeued packet leads back to it. It is the port's: an operation of the contract only hangs on it meanwhile.
struct OverlappedRecord : OVERLAPPED {
  OverlappedRecord(RecordKind kind, OverlappedSocket& socket) : OVERLAPPED{}, kind(kind), socket(&socket) {}
  OverlappedRecord(const OverlappedRecord&) = delete;
  OverlappedRecord& operator=(const OverlappedRecord&) = delete;

  const RecordKind kind;
  OverlappedSocket* const socket;
  Operation* operation = nullptr;
  Link<OverlappedRecord> link;
  uint32_t length = 0;  // bytes moved
  int32_t status = 0;

  RecordState state() const { return state_; }
  // On the port's thread alone. Counts the records that are out.
  void move(std::initializer_list<RecordState> from, RecordState to);

 private:
  RecordState state_ = RecordState::idle;
};

// First in, first out. One list belongs to one thread, or to whoever holds the lock that goes with it.
using RecordList = LinkedList<OverlappedRecord>;

enum class SocketState : uint8_t {
  open,
  cut_off,  // the descriptor is closed already, because the system refused to cancel; the owner has yet to close it
  closed,   // by its owner; freed with the last of its records
};

// The data of one socket, bound to it as its completion key. It outlives the descriptor until the last of its records
// has come back: that is the one moment at which it is freed (rule 4).
struct OverlappedSocket {
  explicit OverlappedSocket(Handle handle)
      : handle(handle), receive(RecordKind::receive, *this), output(RecordKind::output, *this) {}
  virtual ~OverlappedSocket() = default;

  const Handle handle;
  OverlappedRecord receive;
  OverlappedRecord output;
  SocketState state = SocketState::open;
  // Its handle is not one of the file system itself: see bind_to_queue.
  bool is_layered = false;
  // A call that succeeds at once queues no packet.
  bool skips_packet_on_success = false;
  uint32_t records_out = 0;  // in the kernel, listed or paused

  SOCKET descriptor() const { return static_cast<SOCKET>(handle); }
  HANDLE file() const { return reinterpret_cast<HANDLE>(handle); }
};

// Binds the socket to the port `queue` with itself as the key. 0 or the error number.
int32_t bind_to_queue(OverlappedSocket& socket, HANDLE queue);

enum class Posted : uint8_t {
  in_kernel,  // record, OVERLAPPED and bytes are the kernel's until the packet was dequeued
  done,       // complete with success, no packet follows: the record is idle, `length` says how much
  refused,    // never started, no packet follows: the record is idle, `status` says why
};

// Before an overlapped call: everything is in place before the kernel, or a thread that dequeues, can see it.
void begin_posting(OverlappedRecord& record);
// After it, with what it answered (WSAGetLastError() when it failed).
Posted end_posting(OverlappedRecord& record, bool succeeded, DWORD error, DWORD length);
// Into `list`, complete with what its fields say.
void list_record(OverlappedRecord& record, RecordList& list);
// Out of the kernel by way of `list`: the packet was dequeued.
void take_from_kernel(OverlappedRecord& record);
// Asks the kernel for its completion now. Whether it was faster or not, exactly one packet comes. False when nothing
// says that a packet will come: then the descriptor must be closed, which fails whatever is pending.
bool cancel_posted(OverlappedRecord& record);
// Everything of `from` behind what is in `to`.
void move_all(RecordList& from, RecordList& to);

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_
