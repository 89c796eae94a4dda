#ifndef FRAMEPORT_IO_URING_OPERATION_LIST_H_
#define FRAMEPORT_IO_URING_OPERATION_LIST_H_

#include "../port.h"

namespace frameport::io_uring {

// Operations in the order of their coming, linked through themselves. An operation is in one list at most.
class OperationList {
 public:
  bool is_empty() const { return first_ == nullptr; }

  void push(Operation& operation) {
    operation.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &operation;
    last_ = &operation;
  }

  Operation* pop() {
    Operation* operation = first_;
    if (operation == nullptr) return nullptr;
    first_ = operation->next;
    if (first_ == nullptr) last_ = nullptr;
    operation->next = nullptr;
    return operation;
  }

  // Walks the list: for what happens rarely.
  void remove(Operation& operation) {
    OperationList kept;
    while (Operation* each = pop()) {
      if (each != &operation) kept.push(*each);
    }
    *this = kept;
  }

 private:
  Operation* first_ = nullptr;
  Operation* last_ = nullptr;
};

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_OPERATION_LIST_H_
