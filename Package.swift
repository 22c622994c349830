// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import PackageDescription

/// CI sets this so that a warning fails the build; a newer compiler's new warning must not stop a user's build.
let strict = Context.environment["AGENT_SUPERVISOR_STRICT"] == "1"

/// `make fuzz` sets this: what is built for libFuzzer has its main function, and is linked with nothing else.
let fuzzing = Context.environment["AGENT_SUPERVISOR_FUZZ"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// `jail` and `agent-screen` start once per agent and stay: linked whole they start in under a millisecond and need no
/// library.
let wholeStatic: [LinkerSetting] = [
    .unsafeFlags(["-static-executable"], .when(platforms: [.linux], configuration: .release))
]

let fuzz: [Target] = [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
        name: "fuzz",
        dependencies: ["CFuzzer", "ControlProtocol", "JailPlan", "Profiles", "ScreenProtocol", "TerminalScreen"],
        path: "Tests/Fuzz/fuzz",
        swiftSettings: settings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
]

let package = Package(
    name: "agent-supervisor",
    products: [
        .executable(name: "supervisord", targets: ["supervisord"]),
        .executable(name: "agentctl", targets: ["agentctl"]),
        .executable(name: "jail", targets: ["jail"]),
        .executable(name: "jail-profile", targets: ["jail-profile"]),
        .executable(name: "agent-screen", targets: ["agent-screen"]),
        .library(name: "SupervisorClient", targets: ["SupervisorClient", "ControlProtocol"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CSeccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CCap", providers: [.apt(["libcap-dev"])]),
        .systemLibrary(name: "CVTerm", providers: [.apt(["libvterm-dev"])]),
        .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "OutputLog", dependencies: ["Linux"], swiftSettings: settings),
        .target(name: "WorkspaceChanges", dependencies: ["Linux"], swiftSettings: settings),
        .target(name: "JailPlan", swiftSettings: settings),
        .target(name: "ShimProtocol", dependencies: ["JailPlan"], swiftSettings: settings),
        .target(
            name: "Profiles", dependencies: ["JailPlan", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "ControlProtocol", swiftSettings: settings),
        .target(name: "ScreenProtocol", swiftSettings: settings),
        .target(name: "TerminalScreen", dependencies: ["CVTerm", "ScreenProtocol"], swiftSettings: settings),
        .executableTarget(
            name: "agent-screen", dependencies: ["CLinux", "Linux", "ScreenProtocol", "TerminalScreen"],
            swiftSettings: settings, linkerSettings: wholeStatic),
        .target(
            name: "SupervisorClient",
            dependencies: [
                "ControlProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "jail",
            dependencies: [
                "Linux", "JailPlan", "OutputLog", "ShimProtocol", "WorkspaceChanges", "CCap", "CSeccomp",
            ],
            swiftSettings: settings, linkerSettings: wholeStatic),
        .executableTarget(
            name: "jail-profile",
            dependencies: [
                "Profiles", "JailPlan", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "supervisord",
            dependencies: [
                "CLinux", "Linux", "OutputLog", "JailPlan", "ShimProtocol", "ScreenProtocol", "Profiles",
                "ControlProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "follow-example", dependencies: ["ControlProtocol", "SupervisorClient"], path: "examples/swift",
            swiftSettings: settings),
        .executableTarget(
            name: "agentctl",
            dependencies: [
                "ControlProtocol", "SupervisorClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "protocol-reference", dependencies: ["ControlProtocol"], swiftSettings: settings),
        .testTarget(
            name: "JailPlanTests", dependencies: ["JailPlan"], path: "Tests/JailPlan", swiftSettings: settings),
        .testTarget(name: "LinuxTests", dependencies: ["Linux"], path: "Tests/Linux", swiftSettings: settings),
        .testTarget(
            name: "jailTests",
            dependencies: ["CLinux", "CSeccomp", "JailPlan", "Linux", "OutputLog", "ShimProtocol", "jail"],
            path: "Tests/jail",
            swiftSettings: settings),
        .testTarget(name: "OutputLogTests", dependencies: ["OutputLog", "Linux"], path: "Tests/OutputLog"),
        .testTarget(
            name: "WorkspaceChangesTests", dependencies: ["WorkspaceChanges", "Linux"], path: "Tests/WorkspaceChanges",
            swiftSettings: settings),
        .testTarget(
            name: "ProfilesTests", dependencies: ["CSeccomp", "JailPlan", "Profiles", "jail-profile"],
            path: "Tests/Profiles", swiftSettings: settings),
        .testTarget(
            name: "supervisordTests",
            dependencies: [
                "supervisord", "jail", "ControlProtocol", "JailPlan", "Linux", "OutputLog", "Profiles", "ShimProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/supervisord", exclude: ["RecordedShim"], swiftSettings: settings),
        .testTarget(
            name: "ScreenTests", dependencies: ["ScreenProtocol", "TerminalScreen", "agent-screen"],
            path: "Tests/Screen",
            swiftSettings: settings),
        .testTarget(
            name: "ControlProtocolTests", dependencies: ["ControlProtocol", "protocol-reference"],
            path: "Tests/ControlProtocol",
            swiftSettings: settings),
        .target(
            name: "ScriptedDaemon",
            dependencies: [
                "ControlProtocol", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/Support/ScriptedDaemon", swiftSettings: settings),
        .testTarget(
            name: "SupervisorClientTests", dependencies: ["SupervisorClient", "ControlProtocol", "ScriptedDaemon"],
            path: "Tests/SupervisorClient", swiftSettings: settings),
        .testTarget(
            name: "agentctlTests",
            dependencies: [
                "agentctl", "ControlProtocol", "SupervisorClient", "ScriptedDaemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/agentctl", swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CSeccomp", "JailPlan", "Linux", "jail", "jail-profile", "supervisord", "agentctl",
            ],
            path: "Tests/Integration", swiftSettings: settings),
    ] + (fuzzing ? fuzz : [])
)
