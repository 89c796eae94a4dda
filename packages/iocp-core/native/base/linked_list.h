#ifndef FRAMEPORT_LINKED_LIST_H_
#define FRAMEPORT_LINKED_LIST_H_

#include "check.h"

namespace frameport {

template <typename Item>
class LinkedList;

// An item's position in a list. It refers to the list, so that an item is in at most one list, leaves only that list,
// and is not freed while it is in one.
template <typename Item>
class Link {
 public:
  Link() = default;
  ~Link() { check(list_ == nullptr, "what is in a list is not freed"); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool is_linked() const { return list_ != nullptr; }

 private:
  friend class LinkedList<Item>;
  LinkedList<Item>* list_ = nullptr;
  Item* previous_ = nullptr;
  Item* next_ = nullptr;
};

// Items linked through their member `link`: a list needs no memory and is never full, and an item leaves it in constant
// time. The list does not own its items. It must not move, because they refer to it.
template <typename Item>
class LinkedList {
 public:
  LinkedList() = default;
  LinkedList(const LinkedList&) = delete;
  LinkedList& operator=(const LinkedList&) = delete;

  bool is_empty() const { return first_ == nullptr; }
  // Null when it is empty.
  Item* first() const { return first_; }
  bool contains(const Item& item) const { return item.link.list_ == this; }

  void push(Item& item) {
    check(item.link.list_ == nullptr, "what is put into a list is in no other, and not in this one");
    item.link.list_ = this;
    item.link.previous_ = last_;
    (last_ == nullptr ? first_ : last_->link.next_) = &item;
    last_ = &item;
  }

  void push_front(Item& item) {
    check(item.link.list_ == nullptr, "what is put into a list is in no other, and not in this one");
    item.link.list_ = this;
    item.link.next_ = first_;
    (first_ == nullptr ? last_ : first_->link.previous_) = &item;
    first_ = &item;
  }

  void remove(Item& item) {
    Link<Item>& link = item.link;
    check(link.list_ == this, "what leaves a list is in it");
    (link.previous_ == nullptr ? first_ : link.previous_->link.next_) = link.next_;
    (link.next_ == nullptr ? last_ : link.next_->link.previous_) = link.previous_;
    link.list_ = nullptr;
    link.previous_ = nullptr;
    link.next_ = nullptr;
  }

  // Null when it is empty.
  Item* pop() {
    Item* item = first_;
    if (item != nullptr) remove(*item);
    return item;
  }

 private:
  Item* first_ = nullptr;
  Item* last_ = nullptr;
};

}  // namespace frameport

#endif  // FRAMEPORT_LINKED_LIST_H_
