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

// The purpose of a record is fixed when it is made (rule 7).
enum class RecordKind : uint8_t { accept, receive, output };

enum class RecordState : uint8_t {
  idle,
  in_kernel,  // posted: the kernel writes to the OVERLAPPED until the packet of its completion was dequeued
  listed,     // complete, in a list of the port
  signalled,  // a receive that completed while no operation waited for it
  paused,     // the system had no memory for it: in the port's list of records to post again after a pause
};

// One overlapped operation, made together with its socket and reused. It is an OVERLAPPED, so that a
// dequeued packet leads back to it. It belongs to the port: an operation of the contract is only attached to it.
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
  // Used only on the port's thread. Counts the records that are in use.
  void move(std::initializer_list<RecordState> from, RecordState to);

 private:
  RecordState state_ = RecordState::idle;
};

// First in, first out. A list belongs to one thread, or to the holder of its lock.
using RecordList = LinkedList<OverlappedRecord>;

enum class SocketState : uint8_t {
  open,
  cut_off,  // the descriptor is closed already, because the system refused to cancel; the owner still has to close it
  closed,   // by its owner; freed with the last of its records
};

// The data of one socket, bound to it as its completion key. It outlives the descriptor until the last of its records
// has come back: only then is it freed (rule 4).
struct OverlappedSocket {
  explicit OverlappedSocket(Handle handle)
      : handle(handle), receive(RecordKind::receive, *this), output(RecordKind::output, *this) {}
  virtual ~OverlappedSocket() = default;

  const Handle handle;
  OverlappedRecord receive;
  OverlappedRecord output;
  SocketState state = SocketState::open;
  // Its handle does not belong to the file system itself: see bind_to_queue.
  bool is_layered = false;
  // A call that succeeds at once queues no packet.
  bool skips_packet_on_success = false;
  uint32_t records_out = 0;  // in the kernel, listed or paused

  SOCKET descriptor() const { return static_cast<SOCKET>(handle); }
  HANDLE file() const { return reinterpret_cast<HANDLE>(handle); }
};

// Binds the socket to the port `queue` with itself as the key. Returns 0 or the error number.
int32_t bind_to_queue(OverlappedSocket& socket, HANDLE queue);

enum class Posted : uint8_t {
  in_kernel,  // the kernel has record, OVERLAPPED and bytes until the packet was dequeued
  done,       // complete with success, no packet follows: the record is idle, `length` has the number of bytes
  refused,    // never started, no packet follows: the record is idle, `status` has the reason
};

// Call it before an overlapped call: then everything is in place before the kernel, or a dequeuing thread, can see it.
void begin_posting(OverlappedRecord& record);
// Call it after that, with the result (WSAGetLastError() if it failed).
Posted end_posting(OverlappedRecord& record, bool succeeded, DWORD error, DWORD length);
// Adds the record to `list`, complete with the values of its fields.
void list_record(OverlappedRecord& record, RecordList& list);
// Moves the record from the kernel to `list`: its packet was dequeued.
void take_from_kernel(OverlappedRecord& record);
// Requests its completion from the kernel now. Exactly one packet comes, even if the kernel was faster. False if it is
// unknown whether a packet will come: then the descriptor must be closed, which fails all pending operations.
bool cancel_posted(OverlappedRecord& record);
// Appends all records of `from` to `to`.
void move_all(RecordList& from, RecordList& to);

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_
