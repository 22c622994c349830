// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

#define _GNU_SOURCE
#include "clinux_spawn.h"

int cl_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int cl_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
