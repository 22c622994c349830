// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// The one place that names the C library, so that another (musl) can be put here.
@_exported import Glibc
