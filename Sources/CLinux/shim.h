// What Swift's Glibc overlay does not import. The GNU extensions are declared one by one: with
// _GNU_SOURCE the system's types would differ from the overlay's.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// recv(2) and send(2) without the C library's cancellation points, which cost a hundred instructions
/// a call in a process with threads. No thread of ours is ever cancelled.
static inline ssize_t receive_octets(int descriptor, void *target, size_t count, int flags) {
  return syscall(SYS_recvfrom, descriptor, target, count, flags, 0, 0);
}
static inline ssize_t send_octets(int descriptor, const void *source, size_t count, int flags) {
  return syscall(SYS_sendto, descriptor, source, count, flags, 0, 0);
}

/// The name of the calling thread, at most 15 octets (PR_SET_NAME).
static inline void set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
