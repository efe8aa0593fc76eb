/// The members of an object in a spec file, read by key with the mistakes told.
struct SpecObject {
  let path: String
  let place: SpecPlace?
  let members: [SpecValue.Member]

  /// Takes a value as an object; `name` says what it should be.
  init(_ value: SpecValue, path: String, name: String) throws(SpecError) {
    guard case .object(let members) = value.content else {
      throw SpecError(
        path: path, place: value.place, message: "\(name) is to be an object, not \(value.kind)")
    }
    self.path = path
    self.members = members
    place = value.place
  }

  /// What flags say, as a file would.
  init(flags members: [SpecValue.Member]) throws(SpecError) {
    try self.init(
      SpecValue(content: .object(members)), path: "the flags", name: "what flags say")
  }

  func value(_ key: String) -> SpecValue? {
    guard let value = member(key)?.value else { return nil }
    if case .null = value.content { return nil }
    return value
  }

  func member(_ key: String) -> SpecValue.Member? { members.first { $0.key == key } }

  func mistake(_ message: String, at value: SpecValue? = nil) -> SpecError {
    SpecError(path: path, place: value?.place ?? place, message: message)
  }

  private func wrong(_ key: String, _ expected: String, _ value: SpecValue) -> SpecError {
    mistake("\"\(key)\" is to be \(expected), not \(value.kind)", at: value)
  }

  func string(_ key: String) throws(SpecError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value.content else { throw wrong(key, "a string", value) }
    return text
  }

  func requiredString(_ key: String, example: String) throws(SpecError) -> String {
    guard let text = try string(key) else {
      throw mistake("\"\(key)\" is missing: for example \"\(key)\": \"\(example)\"")
    }
    return text
  }

  func bool(_ key: String) throws(SpecError) -> Bool? {
    guard let value = value(key) else { return nil }
    switch value.content {
    case .bool(let bool): return bool
    // Python takes a number for a truth value.
    case .number(let number): return number != 0
    default: throw wrong(key, "true or false", value)
    }
  }

  func number(_ key: String) throws(SpecError) -> Double? {
    guard let value = value(key) else { return nil }
    guard case .number(let number) = value.content else { throw wrong(key, "a number", value) }
    guard number >= 0 else { throw mistake("\"\(key)\" is to be 0 or more", at: value) }
    return number
  }

  /// A number of things, from 0 to a bound that nobody means to pass.
  func count(_ key: String) throws(SpecError) -> Int? {
    guard let number = try number(key) else { return nil }
    guard let count = Int(exactly: number), count <= 1 << 40 else {
      throw mistake("\"\(key)\" is to be a whole number", at: value(key))
    }
    return count
  }

  func seconds(_ key: String) throws(SpecError) -> Duration? {
    guard let number = try number(key) else { return nil }
    guard number <= 1e6 else { throw mistake("\"\(key)\" is longer than any run", at: value(key)) }
    return .milliseconds(Int((number * 1000).rounded()))
  }

  /// A list of strings, each with its place.
  func strings(_ key: String) throws(SpecError) -> [(text: String, place: SpecPlace?)]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value.content else {
      throw wrong(key, "a list of strings", value)
    }
    var texts: [(text: String, place: SpecPlace?)] = []
    for element in elements {
      guard case .string(let text) = element.content else {
        throw mistake("\"\(key)\" is to hold strings, not \(element.kind)", at: element)
      }
      texts.append((text, element.place))
    }
    return texts
  }

  func object(_ key: String) throws(SpecError) -> SpecObject? {
    guard let value = value(key) else { return nil }
    return try SpecObject(value, path: path, name: "\"\(key)\"")
  }

  func objects(_ key: String) throws(SpecError) -> [SpecObject]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value.content else {
      throw wrong(key, "a list of objects", value)
    }
    var objects: [SpecObject] = []
    for element in elements {
      objects.append(
        try SpecObject(element, path: path, name: "an element of \"\(key)\""))
    }
    return objects
  }
}
