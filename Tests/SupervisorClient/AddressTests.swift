// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Testing

@testable import SupervisorClient

@Suite("Addresses of daemons") struct AddressTests {
    @Test(
        "of another machine are read as they are written",
        arguments: [
            (
                "ssh://host",
                [
                    "-T", "-o", "ClearAllForwardings=yes", "-o", "ConnectTimeout=30", "--", "host",
                    "agentctl relay --end-with-input",
                ]
            ),
            (
                "ssh://ada@build.example:2222",
                [
                    "-T", "-o", "ClearAllForwardings=yes", "-o", "ConnectTimeout=30", "-l", "ada", "-p", "2222", "--",
                    "build.example",
                    "agentctl relay --end-with-input",
                ]
            ),
            (
                "ssh://[fe80::1%eth0]:22/run/a'b.sock",
                [
                    "-T", "-o", "ClearAllForwardings=yes", "-o", "ConnectTimeout=30", "-p", "22", "--", "fe80::1%eth0",
                    #"agentctl relay --end-with-input --socket '/run/a'\''b.sock'"#,
                ]
            ),
        ])
    func commands(address: String, words: [String]) throws {
        let destination = try SSHDestination(address)
        #expect(destination.command(ssh: "ssh", program: "agentctl") == ["ssh"] + words)
        #expect(destination.description == address)
    }

    @Test(
        "that a program could take for something else are refused",
        arguments: [
            "host", "http://host", "ssh://", "ssh://@host", "ssh://-oProxyCommand=x", "ssh://-l@host", "ssh://host:0",
            "ssh://host:99999", "ssh://host:x", "ssh://a b", "ssh://host;x", "ssh://$(x)", "ssh://ho\u{1B}st",
            "ssh://[::1", "ssh://[::1]x22", "ssh://[::1]22", "ssh://host:", "ssh://host:+22", "ssh://host:-1",
            #"ssh://host/a\';x.sock"#, "ssh://host/a\nb", "ssh://host/a\u{1B}b", "ssh://host/a\0b",
            "ssh://host/a\u{9B}b",
        ])
    func refused(address: String) {
        #expect(throws: ClientError.self) { try SSHDestination(address) }
    }

    @Test("come from what was said, before the environment")
    func order() throws {
        let environment = ["AGENT_SUPERVISOR_HOST": "ssh://far", "AGENT_SUPERVISOR_SOCKET": "/near"]
        #expect(try DaemonAddress(environment: environment) == .host(SSHDestination("ssh://far")))
        #expect(try DaemonAddress(socket: "/s", environment: environment) == .socket("/s"))
        #expect(
            try DaemonAddress(host: "ssh://other", environment: environment) == .host(SSHDestination("ssh://other")))
        #expect(try DaemonAddress(environment: ["AGENT_SUPERVISOR_SOCKET": "/near"]) == .socket("/near"))
        #expect(throws: ClientError.self) { try DaemonAddress(socket: "/s", host: "ssh://far", environment: [:]) }
    }
}
