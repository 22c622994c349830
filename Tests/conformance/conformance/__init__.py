# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What the daemon's socket promises, held against a daemon: each check says its promise in its first words."""
