/// Header fields whose values let somebody in: reports show them without.
public enum SecretFields {
  private static let names: Set = ["authorization", "proxy-authorization", "cookie", "x-api-key"]

  /// The words of a command line, with `…` for the value of each `--header` that lets somebody in.
  public static func hidden(inCommand words: [String]) -> [String] {
    let flag = "--header"
    var isField = false
    return words.map { word in
      defer { isField = word == flag }
      if isField { return line(word) }
      return word.hasPrefix(flag + "=")
        ? flag + "=" + line(String(word.dropFirst(flag.count + 1))) : word
    }
  }

  /// The octets of a request's or response's head, with `…` for each such value.
  public static func hidden(inHead octets: [UInt8]) -> [UInt8] {
    let lines = octets.split(separator: 10, omittingEmptySubsequences: false)
    let shown = lines.map { line -> [UInt8] in
      let name = line.prefix { $0 != UInt8(ascii: ":") }
      guard name.count < line.count, isSecret(String(decoding: name, as: UTF8.self)) else {
        return Array(line)
      }
      return name + Array(": …".utf8) + (line.last == 13 ? [13] : [])
    }
    return Array(shown.joined(separator: [10] as [UInt8]))
  }

  private static func line(_ text: String) -> String {
    let name = text.prefix { $0 != ":" }
    return isSecret(name) ? "\(name): …" : text
  }

  private static func isSecret(_ name: some StringProtocol) -> Bool {
    names.contains(name.lowercased())
  }
}
