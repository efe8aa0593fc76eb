import Glibc

/// A parser that libFuzzer feeds; `FUZZ_TARGET` names the one of this process.
///
/// Each is a function of the input alone. It must return whatever the octets are: a trap is a finding,
/// and so is a difference between the input taken whole and the input cut in pieces.
enum FuzzTarget: String, CaseIterable {
  case frames
  case requestHead = "request-head"
  case responseHead = "response-head"
  case extensions
  case inflate
  case cases

  /// The target that the environment asks for.
  static let chosen: FuzzTarget = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) }
    guard let target = FuzzTarget(rawValue: name ?? "") else {
      let names = allCases.map(\.rawValue).joined(separator: ", ")
      fatalError("FUZZ_TARGET must be one of: \(names)")
    }
    return target
  }()

  func run(_ input: Span<UInt8>) {
    switch self {
    case .frames: fuzzFrames(input)
    case .requestHead: fuzzRequestHead(input)
    case .responseHead: fuzzResponseHead(input)
    case .extensions: fuzzExtensions(input)
    case .inflate: fuzzInflate(input)
    case .cases: fuzzCases(input)
    }
  }
}

/// What libFuzzer calls with every input that it makes.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer lends `count` octets for the time of the call.
  unsafe FuzzTarget.chosen.run(UnsafeBufferPointer(start: bytes, count: count).span)
  return 0
}
