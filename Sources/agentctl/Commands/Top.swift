// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ArgumentParser
import ControlProtocol
import SupervisorClient

/// `agentctl top`
struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what agents use, as it changes.",
        discussion: """
            CPU% and OUT/s are of the last interval; 100% is one processor. What nobody can measure is -: memory and \
            processes take a cgroup. Keys: q quits; c, m, p, o, a and n sort by CPU, memory, processes, output, age \
            and name; the arrow keys scroll. Where the output is no terminal there is one table, after one interval.

              agentctl top --sort memory --interval 5s
              agentctl top --iterations 10 --format jsonl > figures
            """)

    @Option(help: ArgumentHelp("What to sort by.", valueName: "figure"))
    var sort: TopOrder = .cpu

    @Option(help: ArgumentHelp("The time between two readings, such as 500ms or 10s.", valueName: "duration"))
    var interval = "2s"

    @Flag(name: [.short, .long], help: "Also those that have ended.")
    var all = false

    @Flag(name: [.customShort("A"), .long], help: "Also other users' agents, where you may see them.")
    var allUsers = false

    @Flag(help: "Show one table, also on a terminal.")
    var once = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("End after so many intervals.", valueName: "number"))
    var iterations: Int?

    @OptionGroup var output: FormatOptions

    @OptionGroup var choice: ColumnOptions<TopColumn>

    @OptionGroup var colour: ColourOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let iterations, iterations < 1 { throw ValidationError("--iterations takes 1 or more") }
        if choice.columns != nil, output.format != .table {
            throw ValidationError("--columns and --format \(output.format.rawValue) exclude each other")
        }
        if once, iterations != nil { throw ValidationError("--once and --iterations exclude each other") }
        if let interval = try? WireDuration(interval), interval.milliseconds < 100 {
            throw ValidationError("--interval takes 100ms or more")
        }
    }

    private var wanted: AgentList.Params {
        AgentList.Params(
            states: all ? nil : AgentState.allCases.filter { !$0.isFinal }, all: allUsers ? true : nil)
    }

    func run() async throws {
        let interval = try WireDuration(interval)
        if output.format == .table, !once, let terminal = RawTerminal(for: .screen) {
            return try await TopSession(
                address: connection.address, wanted: wanted, order: sort, columns: try choice.chosen,
                palette: colour.palette, interval: interval, iterations: iterations, terminal: terminal
            ).run()
        }
        try await printTables(every: interval)
    }

    /// Also over a daemon's restart, whose next reading is compared with the last one before it.
    private func printTables(every interval: WireDuration) async throws {
        var meter = TopMeter()
        var patience = Patience(isKnown: false)
        var readings = 0
        while true {
            do {
                let client = try await connection.connect()
                defer { client.close() }
                let sampler = TopSampler(client: client, wanted: wanted)
                while true {
                    var rows = sort.sort(meter.rows(of: try await sampler.readings(), at: .now()))
                    patience.met()
                    if readings > 0 {
                        if try showsLastLines {
                            let lines = try await sampler.lastLines(of: rows.filter { $0.outputEnd > 0 })
                            for index in rows.indices { rows[index].lastLine = lines[rows[index].id]?.text }
                        }
                        try print(rows, isFirst: readings == 1)
                    }
                    readings += 1
                    if readings > iterations ?? 1 { return }
                    try await Task.sleep(for: interval.duration)
                }
            } catch {
                try await patience.wait(after: error)
            }
        }
    }

    private var showsLastLines: Bool {
        get throws(Failure) { try choice.chosen.contains(.line) || output.format != .table }
    }

    private func print(_ rows: [TopRow], isFirst: Bool) throws {
        switch output.format {
        case .json: try JSONOutput.write(rows, pretty: true)
        case .jsonl: for row in rows { try JSONOutput.write(row, pretty: false) }
        case .table:
            let palette = colour.palette
            let table = TopTable(of: rows, columns: TopTable.plainWidth, showing: try choice.chosen, in: palette)
            let lines = [palette.paint(table.heading, .strong)] + rows.map(table.line)
            try StandardOutput.write((isFirst ? "" : "\n") + lines.map { $0 + "\n" }.joined())
        }
    }
}
