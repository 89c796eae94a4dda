#include "overlapped_socket.h"

#include <cstddef>

#include "../check.h"
#include "system_status.h"

namespace frameport {

static_assert(offsetof(OverlappedRecord, overlapped) == 0, "a packet's OVERLAPPED is where its record begins");

void RecordList::push(OverlappedRecord& record) {
  record.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &record;
  last_ = &record;
  count_++;
}

OverlappedRecord* RecordList::pop() {
  OverlappedRecord* record = first_;
  if (record == nullptr) return nullptr;
  first_ = record->next;
  if (first_ == nullptr) last_ = nullptr;
  record->next = nullptr;
  count_--;
  return record;
}

void RecordList::append(RecordList& other) {
  if (other.first_ == nullptr) return;
  (last_ == nullptr ? first_ : last_->next) = other.first_;
  last_ = other.last_;
  count_ += other.count_;
  other = RecordList{};
}

namespace {

// Whether its handle is one of the file system itself. With a layered provider in between, packets of calls that
// succeeded at once come although they were to be skipped (Microsoft's article 2568167).
bool has_plain_provider(SOCKET descriptor) {
  WSAPROTOCOL_INFOW provider{};
  int length = sizeof provider;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&provider), &length) != 0) {
    return false;
  }
  return provider.ProtocolChain.ChainLen == 1 && (provider.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
}

}  // namespace

int32_t bind_to_queue(OverlappedSocket& socket, HANDLE queue) {
  const ULONG_PTR key = reinterpret_cast<ULONG_PTR>(&socket);
  if (CreateIoCompletionPort(socket.file(), queue, key, 0) == nullptr) return last_system_status();
  constexpr UCHAR kModes = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
  socket.skips_packet_on_success =
      has_plain_provider(socket.descriptor()) && SetFileCompletionNotificationModes(socket.file(), kModes) != 0;
  return 0;
}

void begin_posting(OverlappedRecord& record) {
  check(record.state == RecordState::idle, "a record is posted again only after its completion");
  record.overlapped = OVERLAPPED{};
  record.length = 0;
  record.status = 0;
  record.state = RecordState::in_kernel;
  record.socket->records_out++;
}

Posted end_posting(OverlappedRecord& record, bool succeeded, DWORD error, DWORD length) {
  const bool pending = !succeeded && error == WSA_IO_PENDING;
  if (pending || (succeeded && !record.socket->skips_packet_on_success)) return Posted::in_kernel;
  record.state = RecordState::idle;
  record.socket->records_out--;
  record.length = succeeded ? length : 0;
  record.status = succeeded ? 0 : errno_of(error);
  return succeeded ? Posted::done : Posted::refused;
}

void list_record(OverlappedRecord& record, RecordList& list) {
  check(record.state == RecordState::idle || record.state == RecordState::signalled, "a record is listed once");
  record.state = RecordState::listed;
  record.socket->records_out++;
  list.push(record);
}

void take_from_kernel(OverlappedRecord& record) {
  check(record.state == RecordState::in_kernel, "a packet comes for what was posted, and once");
  record.state = RecordState::listed;
  // The length came with the packet. The status needs the descriptor; without it nobody is left to ask.
  if (record.overlapped.Internal == 0 || record.socket->closed) return;
  DWORD length = 0;
  DWORD flags = 0;
  const BOOL succeeded =
      WSAGetOverlappedResult(record.socket->descriptor(), &record.overlapped, &length, FALSE, &flags);
  if (!succeeded) record.status = last_socket_status();
}

void cancel_posted(OverlappedRecord& record) {
  if (record.state != RecordState::in_kernel) return;
  // ERROR_NOT_FOUND: it has completed, and its packet is in the queue already. Nothing else is to be done then.
  CancelIoEx(record.socket->file(), &record.overlapped);
}

}  // namespace frameport
