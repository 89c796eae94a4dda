#include "accept_turns.h"

#include <algorithm>

namespace frameport::io_uring {

bool AcceptTurns::take(const Socket& listener) {
  Turn* const end = turns_ + count_;
  Turn* turn = std::find_if(turns_, end, [&](const Turn& one) { return one.listener == &listener; });
  if (turn == end) {
    if (count_ == kListenersMax) return false;
    turns_[count_++] = {&listener, 0};
  }
  if (turn->accepts == kAcceptsMax) return false;
  turn->accepts++;
  return true;
}

bool HeldAccepts::push(const CompletionEntry& entry, Socket& listener) {
  if (count_ == kHeldMax) return false;
  entries_[(first_ + count_++) % kHeldMax] = entry;
  listener.held_accepts++;
  return true;
}

CompletionEntry HeldAccepts::pop() {
  const CompletionEntry entry = entries_[first_];
  first_ = (first_ + 1) % kHeldMax;
  count_--;
  reinterpret_cast<Operation*>(entry.user_data)->socket->held_accepts--;
  return entry;
}

}  // namespace frameport::io_uring
