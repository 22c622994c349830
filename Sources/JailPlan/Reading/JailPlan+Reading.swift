// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

extension JailPlan {
    /// Reads a plan as jail-profile and the daemon write them.
    ///
    /// By hand, not through its Codable conformance: that has the Swift runtime make dozens of generic types and look
    /// for their conformances among all that are linked in, which takes longer than any step of building a jail.
    package init(json: [UInt8]) throws(JailFailure) {
        do throws(PlanError) {
            var parser = PlanParser(bytes: json)
            let plan = PlanValue(value: try parser.document(), path: "")
            self = try plan.object { (plan) throws(PlanError) in
                let version = try plan["version"].integer(Int.self)
                guard version == JailPlan.currentVersion else {
                    throw PlanError(description: "it has form \(version), not \(JailPlan.currentVersion)")
                }
                return try JailPlan(reading: &plan)
            }
        } catch {
            throw JailFailure(
                stage: "plan", action: "cannot read the plan: \(error)",
                hint: "plans are what `jail-profile compile` writes, of the same version as jail")
        }
    }

    private init(reading plan: inout PlanObject) throws(PlanError) {
        self.init(
            identity: try Identity(reading: plan["identity"]), hostname: try plan["hostname"].string(),
            network: try Network(reading: plan["network"]), ports: try plan.optional("ports").map(Ports.init(reading:)),
            cgroup: try plan.optional("cgroup")?.string(), resources: try CgroupLimits(reading: plan["resources"]),
            filesystem: try plan["filesystem"].array(FilesystemEntry.init(reading:)),
            command: try Command(reading: plan["command"]), terminal: try Terminal(reading: plan["terminal"]),
            limits: try plan["limits"].array(ResourceLimit.init(reading:)), umask: try plan["umask"].integer(),
            capabilities: try plan["capabilities"].strings(), scheduling: try Scheduling(reading: plan["scheduling"]),
            clockOffsets: try plan.optional("clockOffsets").map(ClockOffsets.init(reading:)),
            timeouts: try Timeouts(reading: plan["timeouts"]),
            readiness: try plan.optional("readiness").map(Readiness.init(reading:)),
            systemCalls: try SystemCalls(reading: plan["systemCalls"]), degrade: try plan["degrade"].strings(),
            workspace: try plan.optional("workspace").map(WorkspaceBounds.init(reading:)))
    }
}

extension JailPlan.WorkspaceBounds {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (bounds) throws(PlanError) in
            .init(path: try bounds["path"].string(), roots: try bounds["roots"].strings())
        }
    }
}

extension JailPlan.Identity {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (identity) throws(PlanError) in
            .init(
                uid: try identity["uid"].integer(), gid: try identity["gid"].integer(),
                groups: try identity["groups"].array { (group) throws(PlanError) in try group.integer() },
                outside: try identity.optional("outside").map(IDs.init(reading:)),
                inside: try identity.optional("inside").map(IDs.init(reading:)),
                users: try identity["users"].array(IDRange.init(reading:)),
                groupIDs: try identity["groupIDs"].array(IDRange.init(reading:)),
                home: try identity.optional("home")?.string())
        }
    }
}

extension JailPlan.Identity.IDs {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (ids) throws(PlanError) in
            .init(uid: try ids["uid"].integer(), gid: try ids["gid"].integer())
        }
    }
}

extension JailPlan.Identity.IDRange {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (range) throws(PlanError) in
            .init(
                inside: try range["inside"].integer(), outside: try range["outside"].integer(),
                count: try range["count"].integer())
        }
    }
}

extension JailPlan.Network {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        guard let network = JailPlan.Network(rawValue: try value.string()) else { throw value.unfit("none or host") }
        self = network
    }
}

extension JailPlan.Ports {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        func numbers(_ ports: PlanValue?) throws(PlanError) -> [UInt16]? {
            try ports?.array { (port) throws(PlanError) in try port.integer() }
        }
        self = try value.object { (ports) throws(PlanError) in
            .init(connect: try numbers(ports.optional("connect")), bind: try numbers(ports.optional("bind")))
        }
    }
}

extension JailPlan.CgroupLimits {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (limits) throws(PlanError) in
            .init(
                memory: try limits.optional("memory")?.integer(),
                memoryHigh: try limits.optional("memoryHigh")?.integer(),
                swap: try limits.optional("swap")?.integer(),
                processors: try limits.optional("processors")?.integer(in: 1...100 * 1_000_000),
                processorWeight: try limits.optional("processorWeight")?.integer(),
                processes: try limits.optional("processes")?.integer(), io: try limits["io"].strings(),
                ioWeight: try limits.optional("ioWeight")?.integer(), other: try limits["other"].dictionary())
        }
    }
}

extension FilesystemEntry {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (entry) throws(PlanError) in
            .init(
                target: try entry["target"].string(), kind: try Kind(reading: entry["kind"]),
                origin: try entry.optional("origin")?.string())
        }
    }
}

extension FilesystemEntry.Kind {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, kind) throws(PlanError) -> FilesystemEntry.Kind? in
            switch name {
            case "bind": .bind(try .init(reading: kind["_0"]))
            case "tmpfs":
                .tmpfs(
                    size: try kind["size"].integer(), mode: try kind["mode"].integer(),
                    executable: try kind["executable"].bool())
            case "file": .file(content: try kind["content"].string(), mode: try kind["mode"].integer())
            case "prefixed": .prefixed(content: try kind["content"].string(), mode: try kind["mode"].integer())
            case "copy": .copy(source: try kind["source"].string(), mode: try kind["mode"].integer())
            case "symlink": .symlink(destination: try kind["destination"].string())
            case "sysfs": .sysfs
            case "overlay":
                .overlay(
                    lower: try kind["lower"].string(), changes: try .init(reading: kind["changes"]),
                    protect: try kind["protect"].strings())
            case "copyOnWrite":
                .copyOnWrite(
                    source: try kind["source"].string(), size: try kind["size"].integer(),
                    executable: try kind["executable"].bool(), optional: try kind["optional"].bool())
            case "protected": .protected
            case "hidden": .hidden
            default: nil
            }
        }
    }
}

extension FilesystemEntry.Bind {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (bind) throws(PlanError) in
            .init(
                source: try .init(reading: bind["source"]), writable: try bind["writable"].bool(),
                optional: try bind["optional"].bool(), executable: try bind["executable"].bool(),
                create: try bind["create"].bool())
        }
    }
}

extension FilesystemEntry.Source {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, source) throws(PlanError) -> FilesystemEntry.Source? in
            switch name {
            case "path": .path(try source["_0"].string())
            case "agentDirectory": .agentDirectory(try source["_0"].string())
            default: nil
            }
        }
    }
}

extension JailPlan.Command {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (command) throws(PlanError) in
            .init(
                arguments: try command["arguments"].strings(), program: try command.optional("program")?.string(),
                environment: try command["environment"].dictionary(),
                workingDirectory: try command["workingDirectory"].string())
        }
    }
}

extension JailPlan.Terminal {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, terminal) throws(PlanError) -> JailPlan.Terminal? in
            switch name {
            case "pty": .pty(columns: try terminal["columns"].integer(), rows: try terminal["rows"].integer())
            case "pipes": .pipes(input: try terminal["input"].bool())
            case "inherit": .inherit
            default: nil
            }
        }
    }
}

extension JailPlan.ResourceLimit {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (limit) throws(PlanError) in
            .init(
                resource: try limit["resource"].string(), soft: try limit.optional("soft")?.integer(),
                hard: try limit.optional("hard")?.integer())
        }
    }
}

extension JailPlan.Scheduling {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (scheduling) throws(PlanError) in
            .init(
                nice: try scheduling.optional("nice")?.integer(),
                oomScoreAdjustment: try scheduling.optional("oomScoreAdjustment")?.integer(),
                ioPriority: try scheduling.optional("ioPriority").map(IOPriority.init(reading:)),
                processors: try scheduling.optional("processors")?.array { (number) throws(PlanError) in
                    try number.integer()
                },
                processorCount: try scheduling.optional("processorCount")?.integer(),
                coreScheduling: try scheduling["coreScheduling"].bool(),
                personality: try scheduling["personality"].integer())
        }
    }
}

extension JailPlan.Scheduling.IOPriority {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, priority) throws(PlanError) -> JailPlan.Scheduling.IOPriority? in
            switch name {
            case "idle": .idle
            case "bestEffort": .bestEffort(level: try priority["level"].integer())
            default: nil
            }
        }
    }
}

extension JailPlan.ClockOffsets {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (offsets) throws(PlanError) in
            .init(monotonic: try offsets["monotonic"].integer(), boot: try offsets["boot"].integer())
        }
    }
}

extension JailPlan.Timeouts {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        // More than a thousand years would be past the end of the clock when it is added to that.
        let milliseconds: ClosedRange<Int64> = 0...1 << 45
        self = try value.object { (timeouts) throws(PlanError) in
            .init(
                wall: try timeouts.optional("wall")?.integer(in: milliseconds),
                cpu: try timeouts.optional("cpu")?.integer(in: milliseconds),
                idle: try timeouts.optional("idle")?.integer(in: milliseconds),
                start: try timeouts.optional("start")?.integer(in: milliseconds),
                grace: try timeouts["grace"].integer(in: milliseconds),
                stopSignals: try timeouts["stopSignals"].array { (signal) throws(PlanError) in
                    try signal.integer(in: 1...64)
                })
        }
    }
}

extension JailPlan.Readiness {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.object { (readiness) throws(PlanError) in
            .init(
                request: try readiness.optional("request")?.string(), sign: try Sign(reading: readiness["sign"]))
        }
    }
}

extension JailPlan.Readiness.Sign {
    fileprivate init(reading value: PlanValue) throws(PlanError) {
        self = try value.oneOf { (name, object) throws(PlanError) in
            switch name {
            case "output": .output
            case "line": .line(pattern: try object["pattern"].string())
            case "json": .json(members: try object["members"].dictionary())
            default: nil
            }
        }
    }
}
