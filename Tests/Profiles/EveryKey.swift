// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A sound profile that has every key there is.
let everyKey = """
    extends: base
    description: all of it
    filesystem:
      read_only: [/usr, {path: /opt/t, optional: true, exec: false, source: "${home}/t"}]
      writable: [{path: "${home}/.cache/pip", create: true, exec: false, optional: true, source: /srv/pip}]
      private: ["${home}", {path: /scratch, size: 4G, mode: "1777", exec: false, optional: true}]
      copy_on_write: [/opt/sdk, {path: /, source: "${home}/root", size: 2G, exec: false, optional: true}]
      hidden: [/etc/shadow, {path: "${workspace}/.env", optional: true}]
      files:
        - {path: /etc/motd, content: "hello\\n", mode: "0640"}
        - {path: /etc/npmrc, copy: "${home}/.npmrc"}
      symlinks: {/bin/python: /usr/bin/python3}
      sys: read_only
    workspace: direct
    working_directory: "${workspace}/src"
    protect: [.git/hooks, "${home}/.bashrc", /srv/pip/pip.conf]
    identity: dynamic
    users: {root: true, subordinate: false}
    network: {mode: host, connect: [443, 80, 443], bind: [8080]}
    limits:
      memory: 4G
      memory_high: 3G
      swap: 0
      cpu: 1.5
      cpu_weight: 50
      pids: 512
      io: ["8:0 rbps=1048576 wiops=max"]
      io_weight: 200
      cgroup: {hugetlb.2MB.max: "0"}
      files: 1024
      tmp: 1G
    rlimits:
      as: unlimited
      core: 0
      cpu: 60
      data: 1G
      fsize: 1G
      locks: 10
      memlock: 64K
      msgqueue: 1M
      nice: 0
      nproc: "2048:4096"
      rss: 1G
      rtprio: 0
      rttime: 0
      sigpending: 100
      stack: 8M
    process:
      nice: 5
      oom_score_adj: 500
      io_priority: 7
      cpus: [1, 0]
      core_scheduling: true
      address_randomization: false
    clocks: {monotonic: 1h, boottime: 2m}
    timeouts: {wall: 4h, cpu: 2h, idle: 15m, start: 60s, grace: 6s}
    restart:
      policy: on-failure
      initial: 2s
      max: 30s
      factor: 1.5
      jitter: 0.1
      limit: 3
      window: 5m
      reset_after: 2m
    output: {ring: 8M}
    seccomp:
      default: EACCES
      allow: ["@system-service", {call: personality, when: ["0 == 0xffffffff"]}, {call: ptrace, action: log}]
      deny: ["@mount", {call: socket, when: ["1 == 3"], action: kill}]
      families: [unix, inet]
      log: true
    capabilities: [net_bind_service]
    credentials: {token: /srv/token}
    environment: {A: "${home}"}
    hostname: box
    umask: "027"
    degrade: [timeouts.idle, timeouts.start, landlock]
    """
