import ArgumentParser

/// What `gauntlet serve` does on its port beside WebSocket, and whom it lets in.
struct ServeHTTPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve the files of a folder below a path, repeatable: /PATH=FOLDER or FOLDER.",
      valueName: "FILES"))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "Hand requests below a path over to another server, WebSockets too: /PATH=http://HOST:PORT.",
      valueName: "FORWARD"))
  var forward: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take forms with files below a path, written into a folder: /PATH=FOLDER.",
      valueName: "UPLOAD"))
  var upload: [String] = []

  @Flag(inversion: .prefixedNo, help: "Show a page at / to try the WebSocket in a browser.")
  var testPage = true

  @Option(
    help: ArgumentHelp(
      "Tell monitoring systems at this path, such as /metrics, what is counted.", valueName: "PATH"
    ))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "Let only these pages open WebSockets, repeatable: https://example.org, or same-host.",
      valueName: "ORIGIN"))
  var allowOrigin: [String] = []

  @Option(
    help: ArgumentHelp(
      "Ask for a name and password; a line each: NAME:HASH (see gauntlet hash-password).",
      valueName: "FILE"))
  var users: String?

  @Option(
    help: ArgumentHelp(
      "Ask for an API key; a line each: NAME:SHA256:SCOPES:EXPIRY.", valueName: "FILE"))
  var apiKeys: String?

  @Option(
    help: ArgumentHelp(
      "Ask nobody at this path, repeatable: /health, /public/*.", valueName: "PATH"))
  var exempt: [String] = []

  @Option(help: ArgumentHelp("Requests a minute from one address.", valueName: "N"))
  var requestRate: Int?

  @Option(help: ArgumentHelp("Failed logins a minute from one address (30).", valueName: "N"))
  var failureRate: Int?

  func validate() throws {
    for (flag, list) in [("--forward", forward), ("--upload", upload)] {
      for text in list where Self.split(text) == nil {
        throw ValidationError("\(flag) \(text): write /PATH=…")
      }
    }
  }

  /// What a file has in `http`.
  var webMembers: [SpecValue.Member] {
    func places(_ flag: String, _ texts: [String], _ key: String) -> [[SpecValue.Member]] {
      texts.map { text in
        let (path, rest) = Self.split(text) ?? ("/", text)
        return [.init("path", flag, path), .init(key, flag, rest)]
      }
    }
    return [
      .init("metrics", "--metrics", metrics),
      .init("uploads", objects: places("--upload", upload, "folder")),
      .init("forward", objects: places("--forward", forward, "to")),
      .init("files", objects: places("--files", files, "folder")),
      .init("testPage", "--test-page", testPage),
    ]
  }

  /// What a file has in `access`.
  var accessMembers: [SpecValue.Member] {
    [
      .init("users", "--users", users), .init("keys", "--api-keys", apiKeys),
      .init("exempt", "--exempt", exempt), .init("origins", "--allow-origin", allowOrigin),
      .init(
        "rates",
        [
          .init("requests", "--request-rate", requestRate),
          .init("failures", "--failure-rate", failureRate),
        ]),
    ]
  }

  private static func split(_ text: String) -> (path: String, rest: String)? {
    guard text.hasPrefix("/"), let equals = text.firstIndex(of: "=") else { return nil }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}
