// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <malloc.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef MS_REC
#define MS_REC 16384
#define MS_PRIVATE (1 << 18)
#endif

const int cl_O_PATH = O_PATH;
const int cl_O_TMPFILE = O_TMPFILE;
const unsigned long cl_TIOCGPTPEER = TIOCGPTPEER, cl_TIOCSPTLCK = TIOCSPTLCK;
const uint64_t cl_MOUNT_ATTR_RDONLY = MOUNT_ATTR_RDONLY, cl_MOUNT_ATTR_NOSUID = MOUNT_ATTR_NOSUID,
               cl_MOUNT_ATTR_NODEV = MOUNT_ATTR_NODEV, cl_MOUNT_ATTR_NOEXEC = MOUNT_ATTR_NOEXEC,
               cl_MOUNT_ATTR_NOATIME = MOUNT_ATTR_NOATIME, cl_MOUNT_ATTR_IDMAP = MOUNT_ATTR_IDMAP;
const uint64_t cl_RESOLVE_IN_ROOT = RESOLVE_IN_ROOT, cl_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS,
               cl_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS, cl_RESOLVE_BENEATH = RESOLVE_BENEATH,
               cl_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;

int cl_unshare(int flags) { return unshare(flags); }

int cl_pivot_root(const char *new_root, const char *put_old) { return (int)syscall(SYS_pivot_root, new_root, put_old); }

int cl_open_tree_clone(int directory, const char *path) {
    return (int)syscall(
        SYS_open_tree, directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
}

int cl_move_mount(int from, int to_directory, const char *to_path) {
    return (int)syscall(
        SYS_move_mount, from, "", to_directory, to_path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int cl_fsopen(const char *type) { return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC); }

int cl_fsconfig_string(int context, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
}

int cl_fsconfig_flag(int context, const char *key) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0);
}

int cl_fsconfig_create(int context) { return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0); }

int cl_fsmount(int context, uint64_t attributes) {
    return (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attributes);
}

int cl_mount_setattr(int mount, uint64_t set, int recursive) {
    struct mount_attr attributes = {.attr_set = set};
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes);
}

int cl_mount_separate(int mount, int user_namespace) {
    struct mount_attr attributes = {.propagation = MS_PRIVATE};
    if (user_namespace >= 0) {
        attributes.attr_set = MOUNT_ATTR_IDMAP;
        attributes.userns_fd = (uint64_t)user_namespace;
    }
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
}

int cl_mount_number(int file, uint64_t *number, int *is_its_root) {
    struct statx status = {0};
    int result = statx(file, "", AT_EMPTY_PATH, STATX_MNT_ID, &status);
    *number = status.stx_mnt_id;
    *is_its_root = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return result;
}

int cl_mount_make_private(const char *path) {
    return (int)syscall(SYS_mount, NULL, path, NULL, (unsigned long)(MS_REC | MS_PRIVATE), NULL);
}

int cl_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int cl_capset_none(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return (int)syscall(SYS_capset, &header, none);
}

int cl_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

int cl_close_range(unsigned first, unsigned last) { return (int)syscall(SYS_close_range, first, last, 0); }
int cl_setresuid(uid_t uid) { return setresuid(uid, uid, uid); }
int cl_setresgid(gid_t gid) { return setresgid(gid, gid, gid); }
int cl_setgroups(size_t count, const gid_t *groups) { return setgroups(count, groups); }
int cl_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int cl_signalfd(int descriptor, const uint64_t mask) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal = 1; signal < 64; signal++)
        if (mask & (1ULL << (signal - 1))) sigaddset(&set, signal);
    return signalfd(descriptor, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int cl_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int cl_pidfd_getfd(int process, int number) { return (int)syscall(SYS_pidfd_getfd, process, number, 0); }
int cl_set_controlling_terminal(int descriptor) { return ioctl(descriptor, TIOCSCTTY, 0); }

int cl_interface_up(const char *name) {
    int socket_descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_descriptor < 0) return -1;
    struct ifreq request = {.ifr_flags = IFF_UP};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int result = ioctl(socket_descriptor, SIOCSIFFLAGS, &request);
    int saved = errno;
    close(socket_descriptor);
    errno = saved;
    return result;
}

int cl_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }
int cl_dup3(int from, int to) { return dup3(from, to, O_CLOEXEC); }

int cl_setrlimit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

int cl_limit_process(pid_t process, int resource, uint64_t soft_and_hard) {
    struct rlimit limit = {.rlim_cur = soft_and_hard, .rlim_max = soft_and_hard};
    return prlimit(process, (__rlimit_resource_t)resource, &limit, NULL);
}

int cl_flock_exclusive(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

int cl_flock_shared(int descriptor) { return flock(descriptor, LOCK_SH | LOCK_NB); }

int cl_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int cl_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int cl_wait_exited(int status) { return WIFEXITED(status); }
int cl_wait_exit_code(int status) { return WEXITSTATUS(status); }
int cl_wait_signaled(int status) { return WIFSIGNALED(status); }
int cl_wait_signal(int status) { return WTERMSIG(status); }

const char *cl_errno_name(int number) { return strerrorname_np(number); }

ssize_t cl_send(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t cl_receive(int socket, void *bytes, size_t count, int *descriptor, pid_t *sender) {
    struct iovec vector = {.iov_base = bytes, .iov_len = count};
    union {
        char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *descriptor = -1;
    *sender = 0;
    ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_RIGHTS) memcpy(descriptor, CMSG_DATA(header), sizeof(int));
        if (header->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
            *sender = credentials.pid;
        }
    }
    return received;
}

int cl_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int cl_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials = {0};
    socklen_t length = sizeof credentials;
    int result = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return result;
}

int cl_landlock_abi(void) { return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION); }

int cl_landlock_ruleset(uint64_t handled_files, uint64_t handled_network, uint64_t scoped) {
    // The header of 6.1 knows the first member only. Kernels that know fewer accept the rest as long as it is zero.
    struct {
        uint64_t handled_access_fs, handled_access_net, scoped;
    } attributes = {handled_files, handled_network, scoped};
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
}

int cl_landlock_allow_below(int ruleset, int directory, uint64_t access) {
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = directory};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

int cl_landlock_allow_port(int ruleset, uint64_t port, uint64_t access) {
    struct {
        uint64_t allowed_access, port;
    } rule = {access, port};
    return (int)syscall(SYS_landlock_add_rule, ruleset, 2 /* LANDLOCK_RULE_NET_PORT */, &rule, 0);
}

int cl_landlock_restrict_self(int ruleset) { return (int)syscall(SYS_landlock_restrict_self, ruleset, 0); }

pid_t cl_fork_into_cgroup(int cgroup) {
    struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

pid_t cl_fork_sibling(void) {
#ifdef __s390x__
    return (pid_t)syscall(SYS_clone, NULL, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL);
#else
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
#endif
}

int cl_timer_create(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int cl_timer_set(int timer, int64_t milliseconds) {
    struct itimerspec moment = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &moment, NULL);
}

static void fill(struct cl_usage *usage, const struct rusage *from) {
    usage->user = (int64_t)from->ru_utime.tv_sec * 1000000 + from->ru_utime.tv_usec;
    usage->system = (int64_t)from->ru_stime.tv_sec * 1000000 + from->ru_stime.tv_usec;
    usage->largest = from->ru_maxrss;
}

pid_t cl_reap(int *status, struct cl_usage *usage) {
    struct rusage used = {0};
    pid_t pid = wait4(-1, status, WNOHANG, &used);
    fill(usage, &used);
    return pid;
}

int cl_used_by_children(struct cl_usage *usage) {
    struct rusage used = {0};
    int result = getrusage(RUSAGE_CHILDREN, &used);
    fill(usage, &used);
    return result;
}

int cl_seccomp_load(const struct sock_filter *instructions, unsigned short count, unsigned flags) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// Later kernels may say more about a call than this header knows, and want room for it.
union call_room {
    struct seccomp_notif call;
    char room[512];
};

int cl_seccomp_fits(void) {
    struct seccomp_notif_sizes sizes = {0};
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) return -1;
    if (sizes.seccomp_notif <= sizeof(union call_room)) return 0;
    errno = E2BIG;
    return -1;
}

int cl_seccomp_receive(int listener, uint64_t *id, pid_t *thread, struct seccomp_data *call) {
    union call_room room = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &room) != 0) return -1;
    *id = room.call.id;
    *thread = (pid_t)room.call.pid;
    *call = room.call.data;
    return 0;
}

int cl_seccomp_answer(int listener, uint64_t id, int number) {
    struct seccomp_notif_resp answer = {.id = id, .error = -number};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

// SECCOMP_USER_NOTIF_FLAG_CONTINUE, 5.5.
int cl_seccomp_go_on(int listener, uint64_t id) {
    struct seccomp_notif_resp answer = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

ssize_t cl_read_memory(pid_t process, uint64_t address, void *bytes, size_t count) {
    struct iovec here = {.iov_base = bytes, .iov_len = count};
    struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
    return process_vm_readv(process, &here, 1, &there, 1, 0);
}

int cl_ioprio_set_self(int priority) { return (int)syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, priority); }

int cl_sched_getaffinity(void *mask, size_t size) { return (int)syscall(SYS_sched_getaffinity, 0, size, mask); }
int cl_sched_setaffinity(const void *mask, size_t size) { return (int)syscall(SYS_sched_setaffinity, 0, size, mask); }
int cl_personality(unsigned long persona) { return personality(persona); }

int cl_execute_opened(int program, char *const *arguments, char *const *environment) {
    return (int)syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
}

const int cl_SEEK_DATA = SEEK_DATA, cl_SEEK_HOLE = SEEK_HOLE;
const long cl_UTIME_OMIT = UTIME_OMIT;

int cl_rename_exchange(int directory, const char *a, const char *b) {
    return renameat2(directory, a, directory, b, RENAME_EXCHANGE);
}

int cl_rename_new(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int cl_clone_file(int from, int to) { return ioctl(to, FICLONE, from); }

ssize_t cl_copy_file_range(int from, off_t from_offset, int to, off_t to_offset, size_t count) {
    return copy_file_range(from, &from_offset, to, &to_offset, count, 0);
}

int cl_syncfs(int descriptor) { return syncfs(descriptor); }
int cl_make_whiteout(int directory, const char *name) { return mknodat(directory, name, S_IFCHR, makedev(0, 0)); }
ssize_t cl_flistxattr(int descriptor, char *names, size_t size) { return flistxattr(descriptor, names, size); }

ssize_t cl_fgetxattr(int descriptor, const char *name, void *value, size_t size) {
    return fgetxattr(descriptor, name, value, size);
}

int cl_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    return fsetxattr(descriptor, name, value, size, 0);
}

int cl_fremovexattr(int descriptor, const char *name) { return fremovexattr(descriptor, name); }

void cl_use_one_arena(void) { mallopt(M_ARENA_MAX, 1); }

#if defined(__x86_64__)
const uint32_t cl_audit_arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
const uint32_t cl_audit_arch = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
const uint32_t cl_audit_arch = AUDIT_ARCH_RISCV64;
#elif defined(__s390x__)
const uint32_t cl_audit_arch = AUDIT_ARCH_S390X;
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
const uint32_t cl_audit_arch = AUDIT_ARCH_PPC64LE;
#else
#error "say what AUDIT_ARCH_* this machine is"
#endif
const uint32_t cl_nr_brk = SYS_brk, cl_nr_clock_gettime = SYS_clock_gettime, cl_nr_exit = SYS_exit,
               cl_nr_exit_group = SYS_exit_group, cl_nr_futex = SYS_futex, cl_nr_getrandom = SYS_getrandom,
               cl_nr_madvise = SYS_madvise, cl_nr_mmap = SYS_mmap, cl_nr_mremap = SYS_mremap,
               cl_nr_munmap = SYS_munmap, cl_nr_read = SYS_read, cl_nr_rt_sigreturn = SYS_rt_sigreturn,
               cl_nr_write = SYS_write;
