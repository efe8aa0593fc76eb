// Under libFuzzer, main is libFuzzer's.
#if !LIBFUZZER
  import Glibc

  /// Feeds files to a parser, one after the other, without a fuzzer: `FUZZ_TARGET=frames fuzz FILE…`.
  @main
  struct Replay {
    static func main() {
      for path in CommandLine.arguments.dropFirst() {
        guard let octets = read(path) else { fatalError("cannot read \(path)") }
        FuzzTarget.chosen.run(octets.span)
        print("\(path): \(octets.count) octets, nothing found")
      }
    }

    private static func read(_ path: String) -> [UInt8]? {
      guard let file = unsafe fopen(path, "rb") else { return nil }
      defer { unsafe fclose(file) }
      var octets: [UInt8] = []
      while true {
        let octet = unsafe getc(file)
        guard octet != EOF else { return octets }
        octets.append(UInt8(truncatingIfNeeded: octet))
      }
    }
  }
#endif
