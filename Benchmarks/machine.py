# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""On what a benchmark was run."""
import os
import platform
import re


def machine():
    """A sentence with processors, memory and kernel."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    processors = len(os.sched_getaffinity(0))
    return (f"{processors} processors ({model[1] if model else platform.machine()}), {memory:.0f} GiB of memory, "
            f"Linux {platform.release()}.")
