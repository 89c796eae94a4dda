// What the lists of the engine and of its ports do: items join behind and in front, leave from the middle, and are
// taken.
#include "base/linked_list.h"

#include "measured.h"

namespace {

struct Item {
  frameport::Link<Item> link;
};
constexpr uint32_t kItems = 64;
Item items[kItems];

}  // namespace

void measured(uint32_t rounds) {
  frameport::LinkedList<Item> list;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t at = 0; at < kItems; at++) at % 4 == 0 ? list.push_front(items[at]) : list.push(items[at]);
    for (uint32_t at = 0; at < kItems; at += 3) list.remove(items[at]);
    while (list.pop() != nullptr) {
    }
  }
  if (!list.is_empty()) fail("the list is not empty");
}
