import ArgumentParser
import FoundationEssentials
import LoadTesting
import Reports

/// `gauntlet doctor`: says what this machine lacks for runs that can be trusted.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Says what this machine lacks for a trustworthy load run, and what to set.",
    discussion: """
      Looks at limits (descriptors, ports, queues, memory), at processors (their number, quota, \
      governor, load) and at the clock, and measures for --duration how much time the hypervisor and \
      other programs take. Run it while nothing else runs: what it feels are the neighbours.

      EXIT CODES
        0  nothing is lacking; what is doubtful is told all the same
        1  something is lacking
        2  wrong use
        3  could not run: a file cannot be written
      """)

  @Option(help: ArgumentHelp("Connections that runs shall have.", valueName: "N"))
  var connections = 10_000

  @Option(help: ArgumentHelp("How long to measure, half of it awake.", valueName: "TIME"))
  var duration = TimeSpan(.seconds(2))

  @Option(
    help: ArgumentHelp("Write the findings in JSON; - for standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Print nothing; the exit code tells.")
  var quiet = false

  func validate() throws {
    guard (1...10_000_000).contains(connections) else {
      throw ValidationError("--connections is between 1 and 10000000")
    }
    guard (.milliseconds(10)...(.seconds(600))).contains(duration.duration) else {
      throw ValidationError("--duration is between 10ms and 10m")
    }
  }

  func run() async throws {
    // Before the noise is measured, for measuring is a load of its own.
    let facts = MachineFacts.current()
    let noise = await MachineNoise.measure(
      for: duration.duration, processorCount: facts.processorCount)
    let checkup = MachineCheckup(facts, noise, connections: connections)
    let text = try orCouldNotRun { try Self.json(checkup) }
    if json == "-" {
      writeToStandardOutput(text)
    } else if !quiet {
      writeToStandardOutput(Self.text(checkup, colored: LoadTerminal.isColored))
    }
    if let json, json != "-" { try orCouldNotRun { try ReportWriter.write(text, to: json) } }
    throw checkup.isGood ? GauntletExit.success : GauntletExit.requirementNotMet
  }

  static func text(_ checkup: MachineCheckup, colored: Bool) -> String {
    func paint(_ text: String, _ grade: MachineCheckup.Finding.Grade) -> String {
      guard colored else { return text }
      let code =
        switch grade {
        case .good: "32"
        case .doubtful: "33"
        case .lacking: "31"
        }
      return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
    let width = checkup.findings.map(\.subject.count).max() ?? 0
    var output = ""
    for finding in checkup.findings {
      let name = finding.subject + String(repeating: " ", count: width - finding.subject.count)
      let word = finding.grade.rawValue.uppercased()
      let padded = word + String(repeating: " ", count: 8 - word.count)
      output += "  \(paint(padded, finding.grade))  \(name)  \(finding.found)\n"
      if let advice = finding.advice { output += "            \(advice)\n" }
    }
    let lacking = checkup.findings.count { $0.grade == .lacking }
    let doubtful = checkup.findings.count { $0.grade == .doubtful }
    return output + "\n\(lacking) lacking, \(doubtful) doubtful, "
      + "\(checkup.findings.count - lacking - doubtful) good\n"
  }

  private struct Document: Encodable {
    var schemaVersion = 1
    var isGood: Bool
    var findings: [MachineCheckup.Finding]
  }

  static func json(_ checkup: MachineCheckup) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let document = Document(isGood: checkup.isGood, findings: checkup.findings)
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}
