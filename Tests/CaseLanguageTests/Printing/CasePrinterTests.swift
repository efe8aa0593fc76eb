import CaseLanguage
import Testing

@Suite("Printed cases")
struct CasePrinterTests {
  @Test(arguments: [
    "text \"Hello\" fin=0 rsv=2 chop=3", "text \"\" cut=none sync", "binary 6*\"ab\" cut=5",
    "frame close rsv=7", "frame 11", "frame 3 hex:ff00", "ping \"x\" mask=none",
    "ping \"x\" mask=random", "ping \"x\" mask=0a0b0c0d", "ping \"x\" length=16bit",
    "ping \"x\" length=64bit:18446744073709551615", "ping \"x\" length=7bit:3",
    "head text fin=0 rsv=1 mask=none length=21", "piece hex:00", "octets \"GET /\" chop=1",
    "octets \"GET /\" sync", "close", "close 1000", "close 1000 \"bye\"", "close \"a\"",
    "close (3*\"a\")", "close 1000 \"bye\" chop=1", "close sync",
    "text \"a\" deflate",
    "text \"a\" deflate=fixed cut=2 chop=1", "binary 9*\"a\" deflate=stored sync", "wait 1s",
    "wait 250ms mark=A while=open", "wait 1.5ms", "end-of-stream", "stop-reading", "read-on",
    "reset", "exchange 1000 text slices(html, 64) cut=256",
    "exchange 10 binary repeat(\"abc\", 7) alias-compares=length",
    "request", "response status=\"403 Forbidden\" Upgrade=none", "wait open", "request chop=1",
    "request bare raw=\"GET / HTTP/1.1\" eol=hex:0a unfinished sync",
    "request method=\"POST\" target=none version=\"HTTP/1.0\" Host+=usual",
    "request target=\"http://\" + usual(Host) + usual Connection=\"keep-alive, \" + usual",
    "response Sec-WebSocket-Accept=lowercase(usual) X=8192*\"a\" + hex:ff00 + usual(Upgrade)",
    "text corpus(json)[3..<9] + \"x\"", "text \"\\x7b\\x00\\u{202e}ü\"",
  ])
  func `a step is printed as it is written`(step: String) throws {
    let item = try oneCase("> \(step)")
    #expect(item.steps[0].description == step)
    #expect(try CaseParser.parse(bytes: Array(CasePrinter.print(item).utf8), path: "") == [item])
  }

  @Test(arguments: [
    ["offer permessage-deflate; server_max_window_bits=\"8\", x; y", "agree none"],
    ["agree any, server_max_window_bits<=9; !client_max_window_bits, client_max_window_bits=8"],
    ["need context window=15", "accept any"], ["need reset", "accept any"],
    ["< text \"a\"", "< pong \"b\" optional", "< close 1000 1001 unclean fatal=code"],
    ["< mark A", "< fail 1007 clean fatal=initiator,code", "or < nothing", "grade acceptable"],
    ["< drop", "or < close 1002"], ["peer client", "< request", "< text \"a\"", "or < drop"],
    ["< accept Upgrade=once Sec-WebSocket-Protocol=\"chat\"", "or < refuse 4xx", "or < drop"],
    ["< refuse 426 Sec-WebSocket-Version=\"13\"", "or < refuse", "grade acceptable"],
    ["certificate issued-by-server", "< no-request", "or < drop", "grade acceptable"],
    ["certificate trusted", "< request server-name=\"localhost\" Host=once"],
    ["credentials user:secret", "> response Location=\"ws:\" + elsewhere", "or < stay"],
    ["credentials user:secret", "< follow Authorization=none Host=once", "or < drop"],
    ["certificate self-signed", "< request server-name=none"],
    ["< first text \"x\"", "informational"], ["< nothing", "or < close 1002", "grade pass ours"],
  ])
  func `an expectation is read again as it was`(lines: [String]) throws {
    let text = "case a\n  why x\n  > ping\n" + lines.map { "  \($0)\n" }.joined()
    let items = try cases(text)
    #expect(try CaseParser.parse(bytes: Array(CasePrinter.print(items[0]).utf8), path: "") == items)
  }
}
