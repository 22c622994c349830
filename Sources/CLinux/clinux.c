// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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
               cl_MOUNT_ATTR_NOATIME = MOUNT_ATTR_NOATIME;
const uint64_t cl_RESOLVE_IN_ROOT = RESOLVE_IN_ROOT, cl_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS,
               cl_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS, cl_RESOLVE_BENEATH = RESOLVE_BENEATH;

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

int cl_fsconfig_create(int context) { return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0); }

int cl_fsmount(int context, uint64_t attributes) {
    return (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attributes);
}

int cl_mount_setattr(int mount, uint64_t set, int recursive) {
    struct mount_attr attributes = {.attr_set = set};
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes);
}

int cl_mount_make_private(const char *path) {
    return (int)syscall(SYS_mount, NULL, path, NULL, (unsigned long)(MS_REC | MS_PRIVATE), NULL);
}

int cl_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
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

int cl_flock_exclusive(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

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

int cl_landlock_ruleset(uint64_t handled_file_access) {
    struct landlock_ruleset_attr attributes = {.handled_access_fs = handled_file_access};
    return (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
}

int cl_landlock_allow_below(int ruleset, int directory, uint64_t access) {
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = directory};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

int cl_landlock_restrict_self(int ruleset) { return (int)syscall(SYS_landlock_restrict_self, ruleset, 0); }
