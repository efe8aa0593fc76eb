import CaseLanguage
import Conformance
import Reports
import WebSocketProtocol

/// A replay in the words of a report.
extension PlayedGroup {
  func playedCases(_ report: ReplayReport, seconds: Double) -> PlayedCases {
    PlayedCases(
      selected: setting.plan.replay?.cases.count ?? 0, played: report.played,
      measured: report.measured,
      playedPerSecond: seconds > 0 ? Double(report.measured) / seconds : 0,
      unfinished: report.unfinished, verdicts: report.verdicts)
  }

  /// What the plays say about the server; nil if none ended.
  func conformance(_ report: ReplayReport, _ connecting: ConnectReport) -> ConformanceResults? {
    guard report.played > 0 else { return nil }
    let cases = setting.plan.replay?.cases ?? []
    let agent = AgentResults(
      name: setting.plan.agent ?? connecting.serverHeader ?? setting.url.host,
      url: setting.plan.url, serverHeader: connecting.serverHeader,
      facts: connecting.agreements, results: report.tally.results(of: cases.map(\.id)))
    return ConformanceResults(
      role: .client, cases: cases.map(CaseDescription.init), agents: [agent])
  }
}
