// What Swift's Glibc overlay does not import. The GNU extensions are declared one by one: with
// _GNU_SOURCE the system's types would differ from the overlay's.
#include <linux/openat2.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// Likewise what other modules of the system's headers own: which of them Swift asks for `timespec`
// depends on the order of compilation.
long syscall(long number, ...);
int clock_gettime(int clock, struct timespec *time);

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// recv(2) and send(2) without the C library's cancellation points, which cost a hundred instructions
/// a call in a process with threads. No thread of ours is ever cancelled.
static inline long receive_octets(int descriptor, void *target, size_t count, int flags) {
  return syscall(SYS_recvfrom, descriptor, target, count, flags, 0, 0);
}
static inline long send_octets(int descriptor, const void *source, size_t count, int flags) {
  return syscall(SYS_sendto, descriptor, source, count, flags, 0, 0);
}

/// Asks the kernel to stamp what comes in (SO_TIMESTAMPNS); 0, or -1 with errno.
static inline int stamp_arrivals(int descriptor) {
  const int on = 1;
  return setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/// recvmsg(2) on a socket whose arrivals are stamped: `waiting` becomes the nanoseconds that the last of the
/// octets has waited to be read, or -1 where the kernel does not tell.
static inline long receive_stamped_octets(
    int descriptor, void *target, size_t count, int flags, long long *waiting) {
  struct iovec room = {target, count};
  _Alignas(struct cmsghdr) char control[128];
  struct msghdr message = {0};
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *waiting = -1;
  long received = syscall(SYS_recvmsg, descriptor, &message, flags);
  if (received <= 0) return received;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    struct timespec stamp, now = {0, 0};
    __builtin_memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    clock_gettime(0, &now);
    *waiting = (now.tv_sec - stamp.tv_sec) * 1000000000ll + now.tv_nsec - stamp.tv_nsec;
    if (*waiting < 0) *waiting = 0;
  }
  return received;
}

/// How many octets a socket has received that nobody has read (SIOCINQ); 0 where that is not known.
static inline int unread_octets(int descriptor) {
  int count = 0;
  return ioctl(descriptor, 0x541B, &count) == 0 ? count : 0;
}

/// How many octets were sent that the peer has not acknowledged (SIOCOUTQ); 0 where that is not known.
static inline int unacknowledged_octets(int descriptor) {
  int count = 0;
  return ioctl(descriptor, 0x5411, &count) == 0 ? count : 0;
}

/// The time since the system was started, in nanoseconds (CLOCK_BOOTTIME).
static inline long long nanoseconds_since_boot(void) {
  struct timespec time = {0, 0};
  clock_gettime(7, &time);
  return time.tv_sec * 1000000000ll + time.tv_nsec;
}

/// epoll_pwait2(2) with its timeout in nanoseconds.
static inline int epoll_wait_nanoseconds(
    int epoll, struct epoll_event *events, int capacity, long long timeout) {
  struct timespec time = {timeout / 1000000000, timeout % 1000000000};
  return epoll_pwait2(epoll, events, capacity, &time, 0);
}

/// A descriptor that is readable once a time has come (timerfd_create(2)); -1 with errno.
static inline int create_alarm(void) { return (int)syscall(SYS_timerfd_create, 7, 02000000 | 04000); }

/// Has `alarm` go off in so many nanoseconds, more than 0 (timerfd_settime(2)).
static inline void set_alarm(int alarm, long long nanoseconds) {
  const struct timespec interval_and_value[2] = {
      {0, 0}, {nanoseconds / 1000000000, nanoseconds % 1000000000}};
  syscall(SYS_timerfd_settime, alarm, 0, interval_and_value, 0);
}

/// The name of the calling thread, at most 15 octets (PR_SET_NAME).
static inline void set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }

/// Has the calling thread woken when its time has come, not up to 50 µs later (PR_SET_TIMERSLACK).
static inline void wake_thread_on_time(void) { prctl(PR_SET_TIMERSLACK, 1); }

/// Has the threads that the calling one makes not run in real time as it does itself (SCHED_RESET_ON_FORK).
static inline void keep_real_time_from_children(void) {
  // The system call's own struct: `sched_param` belongs to another module of the system's headers.
  int priority;
  long policy = syscall(SYS_sched_getscheduler, 0);
  if (policy >= 0 && syscall(SYS_sched_getparam, 0, &priority) == 0)
    syscall(SYS_sched_setscheduler, 0, policy | 0x40000000, &priority);
}

/// openat2(2) that never leaves `folder`: with `strict`, through no symbolic link at all.
static inline int open_beneath(int folder, const char *path, int flags, int strict) {
  struct open_how how = {0};
  how.flags = (unsigned long long)flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (strict ? RESOLVE_NO_SYMLINKS : 0);
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}
