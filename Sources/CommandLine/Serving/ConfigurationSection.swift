import Transport
import WebSocketServer

/// One object of a server's configuration file: every key is read by what is expected of it, and what was
/// not read when all is done is a mistake.
final class ConfigurationSection {
  private let object: SpecObject
  private let name: String
  private var known: [String] = []

  init(_ object: SpecObject, name: String) {
    self.object = object
    self.name = name
  }

  /// A mistake in the value of `key`, with its place.
  func mistake(_ key: String, _ message: String) -> SpecError {
    object.mistake("\(path(key)): \(message)", at: object.value(key))
  }

  /// Refuses keys that nobody has asked for, and says which there are.
  func finish() throws(SpecError) {
    var seen: Set<String> = []
    for member in object.members {
      guard known.contains(member.key) else {
        throw object.mistake(
          "\(path(member.key)) is no key; allowed here: \(known.sorted().joined(separator: ", "))",
          at: member.value)
      }
      guard seen.insert(member.key).inserted else {
        throw object.mistake("\(path(member.key)) is there twice", at: member.value)
      }
    }
  }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  /// Whether the key is there; from here on it is known.
  func has(_ key: String) -> Bool {
    known.append(key)
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
  func byteCount(_ key: String) throws(SpecError) -> Int? {
    switch content(key) {
    case nil: return nil
    case .number(let number)?:
      if let value = Int(exactly: number), value > 0 { return value }
    case .string(let text)?:
      if let size = ByteSize(argument: text), size.byteCount > 0 { return size.byteCount }
    default: break
    }
    throw mistake(key, "write a size such as 65536, \"64K\" or \"16M\"")
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

  /// An object below this one; read to its end by `body`.
  func section(
    _ key: String, _ body: (ConfigurationSection) throws(SpecError) -> Void
  ) throws(SpecError) {
    guard has(key), let inner = try object.object(key) else { return }
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

  /// A list of objects, each read to its end by `body`.
  func sections(
    _ key: String, _ body: (ConfigurationSection) throws(SpecError) -> Void
  ) throws(SpecError) {
    guard has(key), let elements = try object.objects(key) else { return }
    for (index, element) in elements.enumerated() {
      let section = ConfigurationSection(element, name: "\(path(key))[\(index)]")
      try body(section)
      try section.finish()
    }
  }
}
