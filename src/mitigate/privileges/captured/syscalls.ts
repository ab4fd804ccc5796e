// System calls that a profile made from a capture allows without having seen them.

/**
 * Calls that stand for each other: the next version of a library, or another answer of the network, takes another one
 * of the same family. Where the workload made one, all are allowed.
 */
export const familiesOf = (calls: Iterable<string>): string[] => {
  const made = new Set(calls);
  return FAMILIES.filter((family) => family.some((call) => made.has(call))).flat();
};

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/**
 * What runc itself calls between loading the filter and starting the container's program, and what every program needs
 * to start and end. Source: the runc base profile of the Kubernetes Security Profiles Operator
 * (examples/baseprofile-runc.yaml), and what an ELF program calls before and after `main`.
 */
export const RUNTIME_MINIMUM: readonly string[] = words(`
  capget capset chdir close epoll_ctl epoll_pwait execve fchown fcntl fstat fstatfs futex getdents64 getpid getppid
  nanosleep newfstatat openat prctl read sched_yield setgid setgroups setuid write
  access arch_prctl brk exit exit_group mmap mprotect munmap pread64 rseq rt_sigaction rt_sigprocmask rt_sigreturn
  set_robust_list set_tid_address`);

/**
 * What the default profiles of Docker and containerd allow a container with the default capabilities, of the calls of
 * x86-64 up to Linux 5.16. Of these a profile allows the ones that its captures do not record of anybody: that the
 * workload was not seen to make them says nothing.
 */
export const EVERYDAY: readonly string[] = words(`
  accept accept4 access adjtimex alarm arch_prctl bind brk capget capset chdir chmod chown chroot clock_getres
  clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
  epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group
  faccessat faccessat2 fadvise64 fallocate fanotify_mark fchdir fchmod fchmodat fchown fchownat fcntl fdatasync
  fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_waitv futimesat
  get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid
  getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set
  kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listxattr
  llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create memfd_secret mincore mkdir mkdirat
  mknod mknodat mlock mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend
  mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat open openat
  openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
  preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat
  readv recvfrom recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq
  rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list
  set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid
  setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown
  sigaltstack signalfd signalfd4 socket socketpair splice stat statfs statx symlink symlinkat sync sync_file_range
  syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat
  utimes vfork vmsplice wait4 waitid write writev`);

const FAMILIES: readonly (readonly string[])[] = [
  'open openat openat2 creat access faccessat faccessat2 stat lstat fstat newfstatat statx readlink readlinkat',
  'read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 sendfile splice tee copy_file_range lseek',
  'unlink unlinkat rmdir mkdir mkdirat rename renameat renameat2 symlink symlinkat link linkat truncate ftruncate utimensat',
  'chmod fchmod fchmodat chown lchown fchown fchownat',
  'socket socketpair connect bind listen accept accept4 shutdown getsockopt setsockopt getsockname getpeername sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg',
  'select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2',
  'dup dup2 dup3 fcntl pipe pipe2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime',
  'inotify_init inotify_init1 inotify_add_watch inotify_rm_watch',
  'fork vfork execve wait4 waitid kill tkill tgkill',
  'setuid setreuid setresuid setgid setregid setresgid setgroups setfsuid setfsgid',
  'chdir fchdir getcwd getdents getdents64',
  'setsid setpgid getpgid getpgrp getsid',
  'getrlimit setrlimit prlimit64',
].map(words);
