// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// What <spawn.h> shows only with _GNU_SOURCE: chdir is in glibc 2.29, closefrom in 2.34.
#pragma once

#include <spawn.h>

int cl_spawn_change_directory(posix_spawn_file_actions_t *_Nonnull actions, const char *_Nonnull path);
int cl_spawn_close_from(posix_spawn_file_actions_t *_Nonnull actions, int first);
