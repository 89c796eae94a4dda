#ifndef FRAMEPORT_OS_LINUX_EVENT_COUNTER_H_
#define FRAMEPORT_OS_LINUX_EVENT_COUNTER_H_

namespace frameport::event_counter {

// Makes an eventfd readable: eventfd(2).
void count_up(int eventfd);

}  // namespace frameport::event_counter

#endif  // FRAMEPORT_OS_LINUX_EVENT_COUNTER_H_
