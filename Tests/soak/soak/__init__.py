# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Many agents with mixed lives under a daemon that is killed all the time."""
