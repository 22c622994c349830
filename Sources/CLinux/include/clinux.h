// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// The system calls that glibc 2.36 does not wrap or that Swift cannot import (variadic, macros, behind _GNU_SOURCE).
// One call each, no decisions: every function returns what the kernel says, -1 with errno set on failure.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Constants that Swift cannot see, as values.
enum {
    CL_CLONE_NEWTIME = 0x00000080,
    CL_CLONE_NEWNS = 0x00020000,
    CL_CLONE_NEWCGROUP = 0x02000000,
    CL_CLONE_NEWUTS = 0x04000000,
    CL_CLONE_NEWIPC = 0x08000000,
    CL_CLONE_NEWUSER = 0x10000000,
    CL_CLONE_NEWPID = 0x20000000,
    CL_CLONE_NEWNET = 0x40000000,
};
extern const int cl_O_PATH;
extern const int cl_O_TMPFILE;
extern const unsigned long cl_TIOCGPTPEER, cl_TIOCSPTLCK;
extern const uint64_t cl_MOUNT_ATTR_RDONLY, cl_MOUNT_ATTR_NOSUID, cl_MOUNT_ATTR_NODEV, cl_MOUNT_ATTR_NOEXEC,
    cl_MOUNT_ATTR_NOATIME, cl_MOUNT_ATTR_IDMAP;
extern const uint64_t cl_RESOLVE_IN_ROOT, cl_RESOLVE_NO_SYMLINKS, cl_RESOLVE_NO_MAGICLINKS, cl_RESOLVE_BENEATH,
    cl_RESOLVE_NO_XDEV;

// Namespaces and mounts: open_tree, move_mount, fsopen … 5.2; openat2 5.6; mount_setattr 5.12.
int cl_unshare(int flags);
int cl_pivot_root(const char *_Nonnull new_root, const char *_Nonnull put_old);
int cl_open_tree_clone(int directory, const char *_Nonnull path);
int cl_move_mount(int from, int to_directory, const char *_Nonnull to_path);
int cl_fsopen(const char *_Nonnull type);
int cl_fsconfig_string(int context, const char *_Nonnull key, const char *_Nonnull value);
int cl_fsconfig_flag(int context, const char *_Nonnull key);
int cl_fsconfig_create(int context);
int cl_fsmount(int context, uint64_t attributes);
int cl_mount_setattr(int mount, uint64_t set, int recursive);
// Cut off from where it was copied, and with the identities that the user namespace maps unless that is -1: recursive.
int cl_mount_separate(int mount, int user_namespace);
// statx(2), 5.8: the number of the mount that an open file is reached through.
int cl_mount_number(int file, uint64_t *_Nonnull number, int *_Nonnull is_its_root);
int cl_mount_make_private(const char *_Nonnull path);
int cl_openat2(int directory, const char *_Nonnull path, uint64_t flags, uint64_t mode, uint64_t resolve);

// Processes.
// capset(2): no capability in any set that it knows.
int cl_capset_none(void);
int cl_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int cl_close_range(unsigned first, unsigned last);
int cl_setresuid(uid_t uid);
int cl_setresgid(gid_t gid);
int cl_setgroups(size_t count, const gid_t *_Nullable groups);
int cl_memfd_create(const char *_Nonnull name);
int cl_signalfd(int descriptor, const uint64_t mask);
int cl_pidfd_open(pid_t pid);
int cl_pidfd_getfd(int process, int number);
int cl_set_controlling_terminal(int descriptor);
int cl_interface_up(const char *_Nonnull name);
int cl_pipe(int *_Nonnull ends);
int cl_dup3(int from, int to);
int cl_setrlimit(int resource, uint64_t soft, uint64_t hard);
int cl_limit_process(pid_t process, int resource, uint64_t soft_and_hard);
int cl_flock_exclusive(int descriptor);
int cl_flock_shared(int descriptor);

// A child in another cgroup from its first moment: clone3 with CLONE_INTO_CGROUP, 5.7.
pid_t cl_fork_into_cgroup(int cgroup);

// fork(2) by clone(2) with CLONE_PARENT: the child's parent is the caller's own.
pid_t cl_fork_sibling(void);
// execveat with AT_EMPTY_PATH, 3.19.
int cl_execute_opened(int program, char *_Nullable const *_Nonnull arguments, char *_Nullable const *_Nonnull environment);
int cl_timer_create(void);
int cl_timer_set(int timer, int64_t milliseconds_of_boottime_or_0);
struct cl_usage {
    int64_t user, system, largest; // microseconds, KiB
};
pid_t cl_reap(int *_Nonnull status, struct cl_usage *_Nonnull usage);
int cl_used_by_children(struct cl_usage *_Nonnull usage);

// What <spawn.h> shows only with _GNU_SOURCE: chdir is in glibc 2.29, closefrom in 2.34.
int cl_spawn_change_directory(posix_spawn_file_actions_t *_Nonnull actions, const char *_Nonnull path);
int cl_spawn_close_from(posix_spawn_file_actions_t *_Nonnull actions, int first);

// wait(2) status words.
int cl_wait_exited(int status), cl_wait_exit_code(int status), cl_wait_signaled(int status), cl_wait_signal(int status);

// Names of errnos: strerrorname_np, glibc 2.32.
const char *_Nullable cl_errno_name(int number);

// Messages with one descriptor and the sender's credentials (unix(7)).
ssize_t cl_send(int socket, const void *_Nonnull bytes, size_t count, int descriptor_or_minus_1);
ssize_t cl_receive(
    int socket, void *_Nonnull bytes, size_t count, int *_Nonnull descriptor, pid_t *_Nonnull sender);
int cl_accept(int listener);
int cl_peer_credentials(int socket, pid_t *_Nonnull pid, uid_t *_Nonnull uid, gid_t *_Nonnull gid);

// Landlock: ABI 1 is 5.13. Returns the ABI, or -1.
int cl_landlock_abi(void);
int cl_landlock_ruleset(uint64_t handled_files, uint64_t handled_network, uint64_t scoped);
int cl_landlock_allow_below(int ruleset, int directory, uint64_t access);
int cl_landlock_allow_port(int ruleset, uint64_t port, uint64_t access);
int cl_landlock_restrict_self(int ruleset);

// The numbers of system calls on this machine, for filters that are made without libseccomp, and AUDIT_ARCH_* of it.
extern const uint32_t cl_audit_arch;
extern const uint32_t cl_nr_brk, cl_nr_clock_gettime, cl_nr_exit, cl_nr_exit_group, cl_nr_futex, cl_nr_getrandom,
    cl_nr_madvise, cl_nr_mmap, cl_nr_mremap, cl_nr_munmap, cl_nr_read, cl_nr_rt_sigreturn, cl_nr_write;

// System call filters (seccomp(2)) and calls that one leaves to another process (seccomp_unotify(2), 5.0).
int cl_seccomp_load(const struct sock_filter *_Nonnull instructions, unsigned short count, unsigned flags);
int cl_seccomp_fits(void);
int cl_seccomp_receive(
    int listener, uint64_t *_Nonnull id, pid_t *_Nonnull thread, struct seccomp_data *_Nonnull call);
int cl_seccomp_answer(int listener, uint64_t id, int number);
int cl_seccomp_go_on(int listener, uint64_t id);
ssize_t cl_read_memory(pid_t process, uint64_t address, void *_Nonnull bytes, size_t count);

// Scheduling of the calling process.
int cl_ioprio_set_self(int priority);
int cl_sched_getaffinity(void *_Nonnull mask, size_t size);
int cl_sched_setaffinity(const void *_Nonnull mask, size_t size);
int cl_personality(unsigned long persona);

// Files: renameat2 3.15, copy_file_range 4.5, holes 3.1, FICLONE 4.5, making a whiteout without privilege 5.8.
extern const int cl_SEEK_DATA, cl_SEEK_HOLE;
extern const long cl_UTIME_OMIT;
int cl_rename_exchange(int directory, const char *_Nonnull a, const char *_Nonnull b);
int cl_rename_new(int from_directory, const char *_Nonnull from, int to_directory, const char *_Nonnull to);
int cl_clone_file(int from, int to);
ssize_t cl_copy_file_range(int from, off_t from_offset, int to, off_t to_offset, size_t count);
int cl_syncfs(int descriptor);
int cl_make_whiteout(int directory, const char *_Nonnull name);
ssize_t cl_flistxattr(int descriptor, char *_Nullable names, size_t size);
ssize_t cl_fgetxattr(int descriptor, const char *_Nonnull name, void *_Nullable value, size_t size);
int cl_fsetxattr(int descriptor, const char *_Nonnull name, const void *_Nonnull value, size_t size);
int cl_fremovexattr(int descriptor, const char *_Nonnull name);

/* mallopt(3), of a header that Swift's Glibc module does not have: all threads allocate from one arena. */
void cl_use_one_arena(void);

