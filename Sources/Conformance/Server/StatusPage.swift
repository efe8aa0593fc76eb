/// What a conformance server says to plain HTTP: a page that drives all cases through a browser's own
/// WebSocket API and shows the results of all clients, and the data for it.
enum StatusPage {
  struct Document {
    var contentType: String
    var body: [UInt8]
  }

  /// The paths, for those who asked for another.
  static let paths =
    "the paths are / (in a browser), /getCaseCount, /getCaseInfo, /runCase, /getCaseStatus, "
    + "/updateReports and /stopServer"

  /// What the page may load: nothing from elsewhere, and talk to nobody but its server.
  static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    + "connect-src 'self' ws: wss:; img-src data:; base-uri 'none'; form-action 'none'"

  /// What stands at a path, or nil.
  static func page(at target: String, host: DriverHost) -> Document? {
    switch target.prefix(while: { $0 != "?" }) {
    case "/":
      Document(
        contentType: "text/html; charset=utf-8",
        body: Array(BrowserPage.text(caseCount: host.options.cases.count).utf8))
    case "/status.json":
      Document(contentType: "application/json", body: Array(host.board.utf8))
    default: nil
    }
  }
}
