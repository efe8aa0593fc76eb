extension CorpusGenerator {
  /// A JSON document: records of one shape.
  static func json(octetCount count: Int) -> [UInt8] {
    var generator = CorpusGenerator(seed: 1, octetCount: count)
    generator.write("{\n  \"format\": \"inventory\",\n  \"version\": 3,\n  \"items\": [\n")
    let colours = ["red", "green", "blue", "black", "white"]
    let places = ["hall A", "hall B", "yard", "transit"]
    var index = 0
    while true {
      let record = """
            {
              "index": \(index),
              "identifier": "item-\(generator.next(below: 9000) + 1000)",
              "available": \(generator.next(below: 8) > 0),
              "colour": "\(generator.pick(colours))",
              "location": {
                "place": "\(generator.pick(places))",
                "shelf": \(generator.next(below: 40)),
                "coordinates": [ 0.25, 0.75 ]
              },
              "supplier": null,
              "price": \(generator.next(below: 90_000)),
              "weight": \(generator.next(below: 900)),
              "dimensions": { "width": 120, "height": 80, "depth": 40, "unit": "mm" },
              "description": "A part of the common kind, as it is kept in the store.",
              "labels": [ "store", "part", "common" ]
            },\n
        """
      // Room for the end, which fills the document up to its size.
      guard generator.octets.count + record.utf8.count + 40 < count else { break }
      generator.write(record)
      index += 1
    }
    let end = "\"\n  ]\n}\n"
    generator.write("    \"")
    let missing = count - generator.octets.count - end.utf8.count
    generator.write(String(repeating: ".", count: missing) + end)
    return generator.finish(octetCount: count)
  }

  /// An HTML page about a program, with its source code in it.
  static func html(octetCount count: Int) -> [UInt8] {
    var generator = CorpusGenerator(seed: 4, octetCount: count)
    generator.write(
      """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>Source of the parser – annotated</title></head>
      <body>\n
      """)
    let types = ["int", "char", "size_t", "bool", "void"]
    let names = ["value", "length", "buffer", "offset", "state", "frame", "index", "limit"]
    let remarks = ["see § 5", "naïve", "≤ 125", "Größe", "not yet"]
    var line = 1
    while generator.octets.count < count {
      let type = generator.pickByRank(types)
      let name = generator.pick(names)
      generator.write(
        """
        <tr class="line"><td class="number" id="L\(line)"><a href="#L\(line)">\(line)</a></td>\
        <td class="code"><span class="keyword">\(type)</span> \
        <span class="name">\(name)</span> = <span class="number">\
        \(generator.next(below: 10))</span>;</td></tr>\n
        """)
      if generator.next(below: 80) == 0 {
        generator.write("<tr><td></td><td class=\"remark\">\(generator.pick(remarks))</td></tr>\n")
      }
      line += 1
    }
    return generator.finish(octetCount: count)
  }

  /// Paragraphs in several languages and scripts, one after the other.
  static func prose(octetCount count: Int) -> [UInt8] {
    var generator = CorpusGenerator(seed: 3, octetCount: count)
    let vocabularies = Vocabulary.all.map { generator.words(of: $0) }
    while generator.octets.count < count {
      let place = generator.next(below: vocabularies.count)
      let language = Vocabulary.all[place]
      for _ in 0..<(3 + generator.next(below: 6)) {
        for index in 0..<(5 + generator.next(below: 14)) {
          if index > 0 { generator.write(language.space) }
          if generator.next(below: 3) == 0 {
            for _ in 0..<(3 + generator.next(below: 5)) {
              generator.write(String(generator.pick(language.letters)))
            }
          } else {
            generator.write(generator.pickByRank(vocabularies[place]))
          }
        }
        generator.write(language.stop)
      }
      generator.write("\n\n")
    }
    return generator.finish(octetCount: count)
  }

  /// The words of a language: its common ones, then many that are put together from its syllables.
  private mutating func words(of language: Vocabulary) -> [String] {
    var words = language.common
    for _ in 0..<3000 {
      var word = ""
      for _ in 0..<(1 + next(below: language.longestWord)) { word += pick(language.syllables) }
      words.append(word)
    }
    return words
  }
}

/// What a language is made of, as far as its octets matter.
struct Vocabulary {
  var common: [String]
  var syllables: [String]
  /// What names are spelled with.
  var letters: [Character]
  var longestWord: Int
  var space = " "
  var stop = ". "

  init(_ common: String, _ syllables: String, longestWord: Int) {
    self.common = common.split(separator: " ").map(String.init)
    self.syllables = syllables.split(separator: " ").map(String.init)
    letters = Array(syllables.filter { $0 != " " })
    self.longestWord = longestWord
  }

  /// German, English, Greek, Russian, Hebrew, Hindi, Japanese and Chinese.
  static let all: [Vocabulary] = {
    var japanese = Vocabulary(
      "私は あなたは それは この その ここに とても いつも です ます ました ません",
      "あ い う え お か き く こ さ し す た て と な に の は ひ ま み め や よ ら り る れ 日 本 語 人 時",
      longestWord: 4)
    japanese.space = ""
    japanese.stop = "。"
    var chinese = Vocabulary(
      "我们 他们 这个 那个 没有 可以 什么 因为 所以 但是 现在 今天",
      "天 地 人 山 水 火 木 金 土 日 月 大 小 上 下 中 来 去 看 说 想 知 道 学 生 国 家 年 时 间",
      longestWord: 3)
    chinese.space = ""
    chinese.stop = "。"
    return [
      Vocabulary(
        "der die und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine",
        "ge ver be ent aus ein sch tau lich keit ung stein haus wald wer nacht tag licht mut tier zeit",
        longestWord: 3),
      Vocabulary(
        "the of and to a in that it is was he for on are with as his they at be this from have or by",
        "con tion ing pre ment able out over ward light stone wood ring ter fore man land side ness ly",
        longestWord: 3),
      Vocabulary(
        "και το να του η της με που την από για είναι στο θα δεν ο τα τον οι σε",
        "κα λο γος ψυ χη θα λασ σα φι λο πο λις με γα νε ρο ξε νος τε χνη", longestWord: 4),
      Vocabulary(
        "и в не на я быть он с что а по это она этот к но они мы весь который",
        "пре по до рас ста ва ние тель ско го ро да мо ре зем ля све то че ло век", longestWord: 4),
      Vocabulary(
        "של את על לא זה הוא אני עם כי גם היא או כל אם מה יש",
        "של מה לי כו תב דב רי מע שי ים אר ץ ספ ר בי ת", longestWord: 3),
      Vocabulary(
        "है के में की और से का को पर यह ने भी एक कि नहीं था",
        "क म न र स ता का ना मा रा ला वि प्र सं दे शा हि", longestWord: 4),
      japanese, chinese,
    ]
  }()
}
