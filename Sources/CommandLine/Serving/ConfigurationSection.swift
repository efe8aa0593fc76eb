import Transport

/// One object of a server's configuration: every key is read by what is expected of it, and what was not
/// read when all is done is a mistake.
///
/// It comes from a file, or from flags that say the same (see `SpecValue.Member`); mistakes are told with
/// the place in the file, or with the flag.
final class ConfigurationSection {
  private let object: SpecObject
  private let name: String
  private var known: [String] = []

  init(_ object: SpecObject, name: String) {
    self.object = object
    self.name = name
  }

  // MARK: Mistakes

  /// What a key is called: its path in the file, or the flag.
  func name(of key: String) -> String { object.member(key)?.flag ?? path(key) }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  /// A mistake in the value of `key`, with its place.
  func mistake(_ key: String, _ message: String) -> SpecError {
    guard let flag = object.member(key)?.flag else {
      return object.mistake("\(path(key)): \(message)", at: object.value(key))
    }
    let said = object.value(key)?.text.map { " \($0)" } ?? ""
    return SpecError(path: flag + said, message: message)
  }

  /// A mistake in the section as a whole.
  func mistake(_ message: String) -> SpecError {
    object.mistake(name.isEmpty ? message : "\(name): \(message)")
  }

  /// A mistake in what `key` names: it is well written, and cannot be used.
  func unusable(_ key: String, _ error: any Error) -> SpecError {
    var mistake = mistake(key, "\(error)")
    mistake.isUnusable = true
    return mistake
  }

  /// What cannot be used, found among all keys here and below by what was attempted with it.
  func unusable(_ error: TransportError) -> SpecError {
    var found: (text: String, section: ConfigurationSection, key: String)?
    search { section, key, text in
      guard error.attempt.hasSuffix(text), text.utf8.count > found?.text.utf8.count ?? 0 else {
        return
      }
      found = (text, section, key)
    }
    if let found { return found.section.unusable(found.key, error) }
    var mistake = object.mistake(name.isEmpty ? "\(error)" : "\(name): \(error)")
    mistake.isUnusable = true
    return mistake
  }

  private func search(_ visit: (ConfigurationSection, _ key: String, _ text: String) -> Void) {
    for member in object.members {
      switch member.value.content {
      case .string(let text): visit(self, member.key, text)
      case .array(let elements):
        for case .string(let text) in elements.map(\.content) { visit(self, member.key, text) }
      case .object:
        guard let inner = try? object.object(member.key) else { continue }
        ConfigurationSection(inner, name: path(member.key)).search(visit)
      default: continue
      }
    }
  }

  /// Refuses keys that nobody has asked for, and says which there are.
  func finish() throws(SpecError) {
    for member in object.members where !known.contains(member.key) {
      var mistake = object.mistake(
        "\(path(member.key)) is no key; allowed here: \(known.sorted().joined(separator: ", "))")
      mistake.place = member.place
      throw mistake
    }
  }

  // MARK: Values

  /// Whether the key is there; from here on it is known.
  func has(_ key: String) -> Bool {
    if !known.contains(key) { known.append(key) }
    return object.value(key) != nil
  }

  private func content(_ key: String) -> SpecValue.Content? {
    has(key) ? object.value(key)?.content : nil
  }

  func string(_ key: String) throws(SpecError) -> String? {
    switch content(key) {
    case nil: nil
    case .string(let text)?: text
    default: throw mistake(key, "write a text in quotation marks")
    }
  }

  /// A text that must be there.
  func requiredString(_ key: String, _ example: String) throws(SpecError) -> String {
    guard let text = try string(key), !text.isEmpty else {
      throw mistake(key, "write \(example)")
    }
    return text
  }

  /// The path of a file or a folder; in a file it counts from the file's own folder.
  func file(_ key: String) throws(SpecError) -> String? {
    try string(key).map { resolve($0) }
  }

  /// The paths of files or folders.
  func files(_ key: String) throws(SpecError) -> [String]? {
    try strings(key)?.map { resolve($0) }
  }

  private func resolve(_ path: String) -> String {
    guard !path.hasPrefix("/"), object.place != nil,
      let slash = object.path.lastIndex(of: "/")
    else { return path }
    return object.path[...slash] + path
  }

  /// A path of URLs, for example `/static`.
  func target(_ key: String) throws(SpecError) -> String? {
    guard let text = try string(key) else { return nil }
    guard text.hasPrefix("/") else { throw mistake(key, "a path begins with /") }
    return text
  }

  func bool(_ key: String) throws(SpecError) -> Bool? {
    switch content(key) {
    case nil: nil
    case .bool(let value)?: value
    default: throw mistake(key, "write true or false")
    }
  }

  func count(_ key: String, _ allowed: ClosedRange<Int>) throws(SpecError) -> Int? {
    guard let content = content(key) else { return nil }
    guard case .number(let number) = content, let value = Int(exactly: number),
      allowed.contains(value)
    else {
      throw mistake(key, "write a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return value
  }

  /// A number of octets, bare or as `"64K"`.
  func byteCount(
    _ key: String, _ allowed: ClosedRange<Int> = 1...(1 << 50)
  ) throws(SpecError) -> Int? {
    let value: Int?
    switch content(key) {
    case nil: return nil
    case .number(let number)?: value = Int(exactly: number)
    case .string(let text)?: value = ByteSize(argument: text)?.byteCount
    default: value = nil
    }
    if let value, allowed.contains(value) { return value }
    let bounds =
      allowed.upperBound < 1 << 50
      ? "from \(allowed.lowerBound) to \(allowed.upperBound) octets"
      : "of \(allowed.lowerBound) or more"
    throw mistake(key, "write a size \(bounds) such as 65536, \"64K\" or \"16M\"")
  }

  /// A time, in seconds or as `"250ms"`.
  func duration(_ key: String) throws(SpecError) -> Duration? {
    switch content(key) {
    case nil: return nil
    case .number(let number)?:
      if let span = TimeSpan(argument: "\(number)") { return span.duration }
    case .string(let text)?:
      if let span = TimeSpan(argument: text) { return span.duration }
    default: break
    }
    throw mistake(key, "write a time such as 5, \"5s\", \"250ms\" or \"2m\"")
  }

  func strings(_ key: String) throws(SpecError) -> [String]? {
    guard let content = content(key) else { return nil }
    guard case .array(let elements) = content else {
      throw mistake(key, "write a list of texts in brackets")
    }
    var texts: [String] = []
    for element in elements {
      guard case .string(let text) = element.content else {
        throw mistake(key, "write a list of texts in brackets")
      }
      texts.append(text)
    }
    return texts
  }

  /// The texts of an object whose keys anybody may choose.
  func pairs(_ key: String) throws(SpecError) -> [(key: String, text: String)] {
    var pairs: [(key: String, text: String)] = []
    try section(key) { section throws(SpecError) in
      for member in section.object.members {
        pairs.append((member.key, try section.string(member.key) ?? ""))
      }
    }
    return pairs
  }

  /// One of the names in `choices`.
  func choice<Value>(_ key: String, _ choices: KeyValuePairs<String, Value>) throws(SpecError)
    -> Value?
  {
    guard let text = try string(key) else { return nil }
    guard let found = choices.first(where: { $0.key == text }) else {
      throw mistake(key, "write one of \(choices.map(\.key).joined(separator: ", "))")
    }
    return found.value
  }

  // MARK: Sections

  /// An object below this one; read to its end by `body`.
  func section(
    _ key: String, _ body: (ConfigurationSection) throws(SpecError) -> Void
  ) throws(SpecError) {
    guard has(key) else { return }
    guard let inner = try? object.object(key) else {
      throw mistake(key, "write an object in braces")
    }
    let section = ConfigurationSection(inner, name: path(key))
    try body(section)
    try section.finish()
  }

  /// The same where `false` switches off what is meant; `true` leaves it as it is.
  func optionalSection(
    _ key: String, off: () -> Void, _ body: (ConfigurationSection) throws(SpecError) -> Void
  ) throws(SpecError) {
    if case .bool(let isOn)? = content(key) {
      if !isOn { off() }
      return
    }
    try section(key, body)
  }

  /// Whether a key says `false`, to switch off what else has a value.
  func saysNo(_ key: String) -> Bool { content(key) == .bool(false) }

  /// A list of objects, each read to its end by `body`.
  func sections(
    _ key: String, _ body: (ConfigurationSection) throws(SpecError) -> Void
  ) throws(SpecError) {
    guard has(key) else { return }
    guard let elements = try? object.objects(key) else {
      throw mistake(key, "write a list of objects in brackets")
    }
    for (index, element) in elements.enumerated() {
      let section = ConfigurationSection(element, name: "\(path(key))[\(index)]")
      try body(section)
      try section.finish()
    }
  }

  /// What stands under a key, to see whether the same was there before.
  func said(_ key: String) -> SpecValue? { object.value(key) }
}
