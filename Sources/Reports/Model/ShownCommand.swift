/// Command lines as reports show them: without what lets somebody in.
public enum ShownCommand {
  /// The header fields, in lowercase, whose values are nobody else's business.
  private static let secretFields: Set = [
    "authorization", "proxy-authorization", "cookie", "x-api-key",
  ]

  /// The words of a command line, with `…` for the value of a `--header` that lets somebody in.
  public static func words(_ arguments: [String]) -> [String] {
    let flag = "--header"
    var isField = false
    return arguments.map { word in
      defer { isField = word == flag }
      if isField { return field(word) }
      return word.hasPrefix(flag + "=")
        ? flag + "=" + field(String(word.dropFirst(flag.count + 1))) : word
    }
  }

  private static func field(_ line: String) -> String {
    let name = line.prefix { $0 != ":" }
    return secretFields.contains(name.lowercased()) ? "\(name): …" : line
  }
}
