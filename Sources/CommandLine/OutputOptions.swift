import ArgumentParser
import Conformance

/// What a run leaves behind: the flags that every verb which plays cases shares.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the reports to this folder.", valueName: "DIR"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Keep the transcripts of these cases: failing, all or none.", valueName: "WHICH"))
  var transcripts = TranscriptChoice.failing

  @Option(
    help: ArgumentHelp(
      "Write a line of JSON for each result as it comes, to a file or to standard output (-).",
      valueName: "FILE|-"))
  var jsonl: String?

  @Flag(
    help: """
      Print failures as annotations of a GitHub workflow, and add the summary to \
      $GITHUB_STEP_SUMMARY.
      """)
  var github = false

  @Option(
    help: ArgumentHelp(
      """
      Write the packets of each case whose transcript is kept to this folder; with TLS they are \
      decrypted, and keys.log has the secrets for captures of your own.
      """, valueName: "DIR"))
  var pcap: String?

  /// Where TLS secrets go, beside the packets; nil where no packets are wanted.
  func secretsFile() throws -> (@Sendable (String) -> Void)? {
    guard let pcap else { return nil }
    try ConformOutput.prepare(pcap, flag: "--pcap")
    guard let file = LineFile(path: pcap + "/keys.log", isAdded: true) else {
      throw couldNotRun("cannot write \(pcap)/keys.log; name a folder that can be written")
    }
    return { file.add($0 + "\n") }
  }
}

/// Which transcripts are kept, on the command line.
enum TranscriptChoice: String, ExpressibleByArgument, CaseIterable {
  case failing, all, none

  var transcripts: ConformanceOptions.Transcripts {
    switch self {
    case .failing: .failing
    case .all: .all
    case .none: .none
    }
  }
}
