import CaseLanguage

/// Parses a case file; what parses must survive being printed and parsed again.
func fuzzCases(_ input: Span<UInt8>) {
  var octets: [UInt8] = []
  for index in input.indices { octets.append(input[index]) }
  guard let cases = try? CaseParser.parse(bytes: octets, path: "fuzz.case") else { return }
  for item in cases.prefix(20) {
    let text = CasePrinter.print(item)
    do {
      let again = try CaseParser.parse(bytes: Array(text.utf8), path: "printed.case")
      check(again == [item], "not the same again: \(text)")
    } catch {
      fatalError("what was printed does not parse: \(error)\n\(text)")
    }
  }
}
