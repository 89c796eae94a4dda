#ifndef FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_
#define FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_

#include <winsock2.h>

#include <windows.h>

#include <cstdint>

#include "../port.h"

namespace frameport {

struct OverlappedSocket;

// What a record is for is fixed when it is made (rule 7).
enum class RecordKind : uint8_t { accept, receive, output };

enum class RecordState : uint8_t {
  idle,
  in_kernel,  // posted: the kernel writes to the OVERLAPPED until the packet of its completion was dequeued
  listed,     // complete, in a list of the port
  signalled,  // a receive that completed while nobody waited for it
};

// One overlapped operation, made together with its socket and used again and again. It starts with the OVERLAPPED, so
// that a dequeued packet leads back to it. It is the port's: an operation of the contract only hangs on it meanwhile.
struct OverlappedRecord {
  OverlappedRecord(RecordKind kind, OverlappedSocket& socket) : kind(kind), socket(&socket) {}
  OverlappedRecord(const OverlappedRecord&) = delete;
  OverlappedRecord& operator=(const OverlappedRecord&) = delete;

  OVERLAPPED overlapped{};
  const RecordKind kind;
  RecordState state = RecordState::idle;
  OverlappedSocket* const socket;
  Operation* operation = nullptr;
  OverlappedRecord* next = nullptr;
  uint32_t length = 0;  // bytes moved
  int32_t status = 0;
};

// First in, first out, linked through the records: a list needs no memory and is never full.
class RecordList {
 public:
  bool empty() const { return first_ == nullptr; }
  uint32_t count() const { return count_; }
  void push(OverlappedRecord& record);
  // Null when it is empty.
  OverlappedRecord* pop();
  // Everything of `other` behind what is here.
  void append(RecordList& other);

 private:
  OverlappedRecord* first_ = nullptr;
  OverlappedRecord* last_ = nullptr;
  uint32_t count_ = 0;
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
  // A call that succeeds at once queues no packet.
  bool skips_packet_on_success = false;
  bool closed = false;
  bool sending_ended = false;
  uint32_t records_out = 0;  // in the kernel or listed

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
// Asks the kernel for its completion now. Whether it was faster or not, exactly one packet comes.
void cancel_posted(OverlappedRecord& record);

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_OVERLAPPED_SOCKET_H_
