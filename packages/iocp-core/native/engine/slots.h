#ifndef FRAMEPORT_ENGINE_SLOTS_H_
#define FRAMEPORT_ENGINE_SLOTS_H_

#include <cstdint>
#include <cstdlib>
#include <new>

#include "../base/check.h"
#include "../base/linked_list.h"

namespace frameport {

// Numbered places for records that must not move. A slot is reused with the next generation, so that an outdated
// reference (slot and generation) finds no record instead of another one. Records are created once and stay in their
// slot; the state of each says whether it is free.
template <typename Record>
class Slots {
 public:
  explicit Slots(uint32_t capacity) : capacity_(capacity) {}
  ~Slots() {
    while (free_.pop() != nullptr) {
    }
    for (uint32_t slot = 0; slot < made_; slot++) delete records_[slot];
    std::free(records_);
  }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // A free record, whose state the caller changes. Null if there is no memory or no slot left.
  Record* take() {
    Record* record = free_.pop();
    return record != nullptr ? record : make();
  }

  // Frees the record. The most recently used record is reused first.
  void give_back(Record& record) {
    check(record.is_free(), "a slot is given back when its record is free");
    record.generation = (record.generation + 1) & 0x7fffffff;
    free_.push_front(record);
  }

  Record* find(uint32_t slot, uint32_t generation) const {
    if (slot >= made_) return nullptr;
    Record* record = records_[slot];
    return !record->is_free() && record->generation == generation ? record : nullptr;
  }

  uint32_t made() const { return made_; }
  // Null if the slot is free.
  Record* at(uint32_t slot) const { return records_[slot]->is_free() ? nullptr : records_[slot]; }

 private:
  Record* make() {
    if (made_ == capacity_) return nullptr;
    if (made_ == room_) {
      const uint32_t room = room_ == 0 ? 64 : room_ * 2;
      void* grown = std::realloc(records_, room * sizeof(Record*));
      if (grown == nullptr) return nullptr;
      records_ = static_cast<Record**>(grown);
      room_ = room;
    }
    Record* record = new (std::nothrow) Record(made_);
    if (record != nullptr) records_[made_++] = record;
    return record;
  }

  const uint32_t capacity_;
  Record** records_ = nullptr;
  uint32_t made_ = 0;
  uint32_t room_ = 0;
  LinkedList<Record> free_;
};

}  // namespace frameport

#endif  // FRAMEPORT_ENGINE_SLOTS_H_
