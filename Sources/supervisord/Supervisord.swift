// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import CLinux
import FoundationEssentials
import Linux
import Logging
import ServiceLifecycle
import UnixSignals

@main
struct Supervisord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervisord", abstract: "Keeps coding agents running, each in a jail of its own.",
        version: Version.text)

    @OptionGroup var flags: Flags

    func run() async throws {
        do {
            try await Self.serve(flags)
        } catch {
            try? Files.write(Array("supervisord: \(error)\n".utf8), to: 2)
            throw ExitCode.failure
        }
    }

    private static func serve(_ flags: Flags) async throws {
        let environment = ProcessInfo.processInfo.environment
        let directory = FileManager.default.currentDirectoryPath
        let executable = Files.linkTarget("/proc/self/exe") ?? ""
        let activated = try ActivatedSockets(environment).places
        let read: @Sendable () throws -> (Settings, DaemonConfiguration) = {
            try flags.resolve(
                environment: environment, workingDirectory: directory, executable: executable, uid: geteuid(),
                activated: activated)
        }
        let (settings, configuration) = try read()
        guard access(settings.jail, X_OK) == 0 else {
            throw UsageProblem(
                description: "the program \(settings.jail) cannot be executed; say where jail is with --jail")
        }
        ProcessState.prepare()
        let isJournal = StandardErrorLog.journalIsListening(environment)
        let logger = Logger(label: "supervisord") { _ in
            StandardErrorLog(logLevel: flags.logLevel, isJournal: isJournal)
        }
        let (cgroups, absence) = takeCgroups(logger)
        let daemon = Daemon(
            settings: settings, configuration: configuration, readConfiguration: { try read().1 }, cgroups: cgroups,
            cgroupAbsence: absence, manager: ServiceManager(environment), logger: logger
        ) {
            try? Files.write(Array("listening on \(settings.socket)\n".utf8), to: 1)
        }
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: daemon, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }
}

extension Supervisord {
    /// Without them there are no limits, and agents whose profiles ask for some are refused. Then says why, too.
    private static func takeCgroups(_ logger: Logger) -> (CgroupTree?, absence: String?) {
        do {
            let tree = try CgroupTree.take()
            logger.info("agents get cgroups below \(tree.path)")
            return (tree, nil)
        } catch {
            logger.notice("agents get no cgroups, and so no limits: \(error)")
            return (nil, "\(error)")
        }
    }
}

/// What holds for the whole process, and so for every shim that it starts.
enum ProcessState {
    static func prepare() {
        umask(0o077)
        // One for each thread holds memory that the others could use: 4 MiB of it with a thousand agents.
        cl_use_one_arena()
        // Whoever started us can then unmount the directory they stood in.
        _ = chdir("/")
        // The kernel then reaps shims by itself: how one ended is said by its record, not by its status.
        _ = signal(SIGCHLD, SIG_IGN)
        Signals.ignoreFailedWrites()
        raiseDescriptorLimit()
    }

    /// As many descriptors as we may have: each connection and each reader of a log takes one.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65536)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
