#ifndef FRAMEPORT_ENGINE_BATCH_TABLE_H_
#define FRAMEPORT_ENGINE_BATCH_TABLE_H_

#include <cstdint>

#include "../base/check.h"

namespace frameport {

// The memory shared with JavaScript. src/native/batch-table.ts has the same numbers and the same order of words:
// test/native/batch-table.test.ts reads both files, one member a line.

// The kind of a record: there is one record for each completion that concerns JavaScript.
enum class RecordKind : int32_t {
  received = 1,       // offset, length: bytes in the receive pool, readable until the next gather
  receive_end = 2,    // the peer ended
  send_progress = 3,  // queued: bytes the engine still owns
  closed = 4,         // status 0 or the error number; the slot is free
  connected = 5,
  connect_failed = 6,   // status; the slot is free
  accepted = 7,         // slot, generation: the connection; listener_slot
  accept_failed = 8,    // slot, generation: the listener; status; accepting_ended
  listener_closed = 9,  // the slot is free
};

// One record: eight words of 32 bits. The kind determines the member of each union.
struct BatchRecord {
  int32_t kind;
  int32_t slot;
  int32_t generation;
  int32_t status;
  union {
    uint32_t offset;  // of received bytes, from the start of the receive memory
    uint32_t listener_slot;
  };
  union {
    uint32_t length;
    uint32_t accepting_ended;  // 1: accepting must be started again; 0: it continues
  };
  uint32_t queued_low;
  uint32_t queued_high;
};
static_assert(sizeof(BatchRecord) == 32, "JavaScript reads records of eight words");

class BatchTable {
 public:
  BatchTable(BatchRecord* records, uint32_t capacity) : records_(records), capacity_(capacity) {}

  void reset() { count_ = 0; }
  uint32_t count() const { return count_; }
  uint32_t room() const { return capacity_ - count_; }
  BatchRecord& add(RecordKind kind, uint32_t slot, uint32_t generation) {
    check(count_ < capacity_, "a gather takes no more completions than the table has room for");
    BatchRecord& record = records_[count_++];
    record = BatchRecord{};
    record.kind = static_cast<int32_t>(kind);
    record.slot = static_cast<int32_t>(slot);
    record.generation = static_cast<int32_t>(generation);
    return record;
  }

 private:
  BatchRecord* const records_;
  const uint32_t capacity_;
  uint32_t count_ = 0;
};

// One entry that JavaScript appended to the send arena; the bytes of entry n follow those of entry n-1. The second
// half is the answer.
struct SendEntry {
  int32_t slot;
  int32_t generation;
  uint32_t length;
  int32_t status;  // 0, or why nothing more can be sent
  uint32_t queued_low;
  uint32_t queued_high;
  uint32_t next_of_connection;  // while a flush runs: 1 + the index of the connection's next entry, or 0
  int32_t reserved;
};
static_assert(sizeof(SendEntry) == 32, "JavaScript writes entries of eight words");

// Live counts in memory shared with JavaScript, in this order.
struct Counters {
  int32_t listeners;
  int32_t connections;
  int32_t operations_in_flight;
  int32_t buffers_in_use;
  int32_t handles;
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_BATCH_TABLE_H_
