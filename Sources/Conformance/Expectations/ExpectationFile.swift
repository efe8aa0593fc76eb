public import Reports
import CaseLanguage

/// What is known beforehand: lines of a pattern, the expected verdict, and the reason.
///
///     # the proxy in front of it cuts long frames
///     autobahn:9.*.6          fail          nginx cuts at 1 MiB
///     7.1.5/*                 fail|pass     a race, see our tracker
///     agent  threaded*
///     deflate/*               unsupported   built without zlib
///
/// A line counts for all agents, or after an `agent` line for those whose name fits its pattern. The
/// last line that fits a case counts. What is not listed is expected to be met.
public struct ExpectationFile: Hashable, Sendable {
  /// One line of the file.
  public struct Entry: Hashable, Sendable {
    /// Which agents it is about; nil: all.
    public var agent: String?
    /// Which cases, as on the command line.
    public var pattern: String
    /// The verdicts that are expected.
    public var verdicts: [Reports.Grade]
    /// Why.
    public var reason: String
    /// Its number in the file, from 1.
    public var line: Int

    /// Whether it is about this case.
    func fits(_ description: CaseDescription) -> Bool {
      let names = [description.id] + description.aliases
      return (names + description.establishedNumbers).contains { Glob.matches(pattern, $0) }
    }

    /// Whether it is about this agent.
    func fits(agent name: String) -> Bool { agent.map { Glob.matches($0, name) } ?? true }

    /// The expected verdicts in words.
    var words: String { verdicts.map(\.rawValue).joined(separator: " or ") }
  }

  /// Where it was read, for messages.
  public var path: String
  /// Its lines.
  public var entries: [Entry]

  /// Parses a file.
  ///
  /// - Throws: `ExpectationSyntaxError` for the first line with a mistake.
  public init(parsing octets: [UInt8], path: String) throws(ExpectationSyntaxError) {
    self.path = path
    entries = []
    var agent: String?
    for (index, line) in octets.split(separator: 0x0a, omittingEmptySubsequences: false)
      .enumerated()
    {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw ExpectationSyntaxError(path: path, line: index + 1, message: "expected UTF-8")
      }
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if first == "agent" {
        guard words.count > 1 else {
          throw ExpectationSyntaxError(
            path: path, line: index + 1, message: "expected the name of an agent after 'agent'")
        }
        agent = words.dropFirst().joined(separator: " ")
        continue
      }
      do throws(ExpectationSyntaxError.Message) {
        entries.append(try Self.entry(words, agent: agent, line: index + 1))
      } catch {
        throw ExpectationSyntaxError(path: path, line: index + 1, message: error.text)
      }
    }
  }

  private static func entry(
    _ words: [String], agent: String?, line: Int
  ) throws(ExpectationSyntaxError.Message) -> Entry {
    let choice = Reports.Grade.allCases.map(\.rawValue).joined(separator: ", ")
    guard words.count > 1 else {
      throw .init(text: "expected a verdict after the pattern '\(words[0])': one of \(choice)")
    }
    var verdicts: [Reports.Grade] = []
    for word in words[1].split(separator: "|", omittingEmptySubsequences: false) {
      guard let grade = Reports.Grade(rawValue: String(word)) else {
        throw .init(text: "expected a verdict instead of '\(word)': one of \(choice)")
      }
      verdicts.append(grade)
    }
    guard words.count > 2 else {
      throw .init(text: "expected the reason after '\(words[1])'")
    }
    return Entry(
      agent: agent, pattern: words[0], verdicts: verdicts,
      reason: words.dropFirst(2).joined(separator: " "), line: line)
  }

  // MARK: Holding results against it

  /// Marks each result as known or unexpected, and the lines that fit none of `corpus`.
  ///
  /// Lines that fit cases which were not played are left alone, and so are those about agents that
  /// were not there.
  public func apply(to results: inout ConformanceResults, corpus: [CaseDescription]) {
    let descriptions = Dictionary(
      results.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for agent in results.agents.indices {
      let name = results.agents[agent].name
      let entries = entries.reversed().filter { $0.fits(agent: name) }
      for index in results.agents[agent].results.indices {
        mark(&results.agents[agent].results[index], by: entries, descriptions)
      }
    }
    let stale = entries.filter { entry in !corpus.contains { entry.fits($0) } }
    var gate = results.gate ?? Gate()
    gate.expectationsPath = path
    gate.staleExpectations = stale.map { "\(path):\($0.line): no case matches '\($0.pattern)'" }
    results.gate = gate
  }

  private func mark(
    _ result: inout CaseResult, by entries: [Entry], _ descriptions: [String: CaseDescription]
  ) {
    (result.knownFailure, result.unexpected) = (nil, nil)
    guard let description = descriptions[result.caseID],
      let entry = entries.first(where: { $0.fits(description) })
    else { return }
    let grade = result.verdict.overall
    if entry.verdicts.contains(grade) {
      if !result.verdict.isMet { result.knownFailure = entry.reason }
    } else {
      let advice = result.verdict.isMet ? "; the line can go" : ""
      result.unexpected =
        "\(grade.rawValue), but \(path):\(entry.line) expects \(entry.words)\(advice)"
    }
  }
}

/// A mistake in a file of expectations.
public struct ExpectationSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The line, from 1.
  public var line: Int
  /// What was expected.
  public var message: String

  /// One line: place, and what was expected.
  public var description: String { "\(path):\(line): error: \(message)" }

  struct Message: Error {
    var text: String
  }
}
