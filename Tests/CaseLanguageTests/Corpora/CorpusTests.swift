import CaseLanguage
import Deflate
import Testing

@Suite("Payload corpora")
struct CorpusTests {
  @Test(arguments: [
    (CorpusName.json, 194_056, 0.044, true), (.bitmap, 263_222, 0.851, false),
    (.prose, 222_218, 0.389, false), (.html, 263_647, 0.055, true),
    (.document, 1_042_328, 0.758, false),
  ])
  func `a corpus has the size, the kind and about the ratio of the established one`(
    name: CorpusName, octetCount: Int, ratio: Double, isText: Bool
  ) throws {
    let corpus = Corpus.named(name)
    #expect(corpus.octetCount == octetCount)
    #expect(corpus.isText == isText)
    var deflater = try Deflater(level: 6)
    var compressed: [UInt8] = []
    deflater.compress(corpus.octets.span, flush: .finish, to: &compressed)
    #expect(abs(Double(compressed.count) / Double(octetCount) - ratio) < 0.02)
  }

  @Test func `texts are UTF-8, cut between code points`() throws {
    #expect(Corpus.named(.json).unitCount == 194_056)
    let html = Corpus.named(.html)
    #expect(html.unitCount < html.octetCount)
    for index in 0..<1000 {
      let message = html.ring[html.message(index, length: 8192)]
      let text = try #require(String(validating: message, as: UTF8.self))
      #expect(text.unicodeScalars.count == 8192)
    }
    let first = html.message(0, length: html.unitCount)
    #expect(first == 0..<html.octetCount)
  }

  @Test func `messages follow one another around the ring`() {
    let prose = Corpus.named(.prose)
    var joined: [UInt8] = []
    for index in 0..<4 { joined += prose.ring[prose.message(index, length: 100_000)] }
    #expect(joined == prose.slice(0..<400_000))
  }
}
