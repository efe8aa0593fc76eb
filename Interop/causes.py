"""What real servers get wrong, and what the RFCs say of it: the first cause that fits a case counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    title: str
    patterns: str
    clause: str
    rule: str
    fault: str = "server"


CAUSES = [
    # The opening handshake
    Cause("Doubled fields of the handshake",
          "4.2.1/key-doubled* 4.2.1/version-doubled 4.2.1/origin-doubled 4.2.1/version-a-list",
          "RFC 6455 §11.3.1, §11.3.5; RFC 6454 §7.3",
          "Sec-WebSocket-Key and -Version MUST NOT appear more than once in a request; two of them,"
          " read by two programs, can mean two things."),
    Cause("The key is not looked at", "4.2.1/key-*", "RFC 6455 §4.2.1",
          "The key is base64 of 16 octets, without the blanks around it; a server need not decode it,"
          " so that this is a SHOULD, but for an empty key and for blanks."),
    Cause("Host", "4.2.1/host-*", "RFC 9112 §3.2",
          "A server MUST answer 400 to a request without Host, with two, or with an invalid one."),
    Cause("The request target", "4.2.1/target-*", "RFC 9112 §3.2, RFC 6455 §4.2.1",
          "A server MUST take the absolute form; the authority form is for CONNECT; an invalid target"
          " SHOULD be answered with 400."),
    Cause("The version of HTTP", "4.2.1/http-version-*", "RFC 6455 §4.2.1, RFC 9110 §2.5",
          "HTTP/1.1 or higher, written like that; a higher minor version is read as 1.1."),
    Cause("Methods other than GET", "4.2.1/method-*", "RFC 6455 §4.2.1",
          "The method is GET; other handshakes MUST be refused."),
    Cause("Upgrade and Connection as lists of tokens",
          "4.2.1/connection-* 4.2.1/upgrade-* 4.2.1/no-websocket-field-at-all",
          "RFC 6455 §4.2.1, RFC 9110 §5.6.1",
          "Each is a list of tokens over all lines of the field, with blanks and empty elements;"
          " the token is the whole word."),
    Cause("The number of the version", "4.2.1/version-* 4.2.2/version-refused-*",
          "RFC 6455 §4.2.1, §4.3",
          "The version is 13: a missing or another one MUST be refused; leading zeros and signs"
          " SHOULD be."),
    Cause("Draft 76", "4.2.1/of-draft-76", "RFC 6455 §4.2.1",
          "A handshake without Sec-WebSocket-Key and -Version MUST be refused."),
    Cause("Refused without naming the version", "4.2.2/version-*", "RFC 6455 §4.2.2",
          "A server that refuses a version MUST say in Sec-WebSocket-Version which it speaks."),
    Cause("426 without Upgrade", "4.2.2/426-*", "RFC 9110 §15.5.22",
          "A server MUST send Upgrade in a 426 response."),
    Cause("What stands behind the request",
          "4.2.2/*glued* 4.2.2/second-request-* 4.2.2/body-of-* 4.2.2/in-writes-* 4.2.2/content-*",
          "RFC 6455 §4.2.2, RFC 9112 §6",
          "Octets behind the head are the announced body, then frames; a client that does not wait"
          " for the answer is at fault too, so that losing them is a SHOULD."),
    Cause("Subprotocols that are no tokens", "4.2.2/subprotocol-*", "RFC 6455 §4.1",
          "The elements are tokens, all different."),
    Cause("Extensions", "9.1/*", "RFC 6455 §9.1",
          "The field may stand in several lines, and unknown extensions are ignored."),
    Cause("Many fields", "4.2.1/50-more-fields 4.2.1/line-of-8000-octets", "RFC 9112 §3, RFC 9110 §5.4",
          "A server takes reasonable heads."),
    Cause("An empty line before the request", "4.2.1/empty-line-before-it", "RFC 9112 §2.2",
          "A server SHOULD ignore at least one."),
    Cause("Heads without an end", "9110-5.4/*", "RFC 9110 §5.4",
          "A server SHOULD refuse a head that does not end, before it has kept megabytes of it."),
    Cause("The grammar of HTTP/1.1", "9112-*", "RFC 9112 §2.2, §3, §5, §6.3, §8",
          "Field lines that are none, blanks before the colon, folded lines, lone CR, NUL, and"
          " Content-Length that contradicts are errors: they are what smuggles requests."),
    # Frames
    Cause("Frames that are not masked", "5.1/*", "RFC 6455 §5.1",
          "A server MUST close the connection when a frame is not masked."),
    Cause("The top bit of a length", "5.2/top-bit/*", "RFC 6455 §5.2",
          "The most significant bit of a 64-bit length MUST be 0."),
    Cause("Reserved bits and opcodes",
          "5.2/reserved* 7692/not-agreed/* 7.1.1/pings-go-on 7.1.1/text-goes-on", "RFC 6455 §5.2",
          "A reserved bit or opcode that nothing was agreed on for MUST fail the connection; an opcode"
          " can be known before the payload (SHOULD)."),
    Cause("Messages inside messages", "5.4/interleaved/*", "RFC 6455 §5.4",
          "The fragments of one message MUST NOT be interleaved with those of another."),
    Cause("Continuations of nothing", "5.4/stray/*", "RFC 6455 §5.4",
          "A continuation frame continues a message that was begun; one that continues none is a"
          " violation, which fails the connection."),
    Cause("Control frames between fragments", "5.4/gap/* 7692/6/control-frames-inside",
          "RFC 6455 §5.4, RFC 7692 §6",
          "Control frames MAY stand between the fragments of a message, compressed or not."),
    Cause("Control frames that are too long, or cut", "5.5/*", "RFC 6455 §5.5",
          "They MUST have 125 octets or less and not be fragmented; their header alone tells."),
    Cause("Pings and Pongs", "5.5.2/* 5.5.3/*", "RFC 6455 §5.5.2, §5.5.3",
          "Every Ping is answered, or the most recent one."),
    Cause("The reason of a Close", "5.5.1/bad-reason/*", "RFC 6455 §5.5.1",
          "The reason is UTF-8, and what is sent back is too."),
    Cause("What comes behind a Close, or in its pieces", "5.5.1/*", "RFC 6455 §5.5.1",
          "An endpoint that receives a Close answers it with one, whatever stands behind it."),
    Cause("Text that is cut between code points", "5.6/cut/* 5.6/in-pieces-*", "RFC 6455 §5.6",
          "A fragment need not be UTF-8 by itself; only the whole message must."),
    Cause("Text that does not come back as it was", "5.6/as-it-is/*", "RFC 6455 §5.6",
          "A byte order mark is part of the text."),
    Cause("Text that is not UTF-8", "8.1/* 7692/utf-8/*", "RFC 6455 §8.1",
          "An endpoint that finds that text is not UTF-8 MUST fail the connection; several libraries"
          " leave that to the application, by choice."),
    Cause("Close codes that nobody may send", "7.4/never* 7.4/1015-alone 5.5.1/pieces/invalid-code",
          "RFC 6455 §7.4",
          "1005, 1006, 1015 and codes that are not assigned MUST NOT be sent; some servers even send"
          " them back."),
    Cause("Close codes that were registered later", "7.4/registered/*", "RFC 6455 §7.4.2, §11.7",
          "1012 to 1014 were registered with IANA after the RFC; an endpoint SHOULD know them."),
    # Compression
    Cause("Offers that must be declined",
          "7692/7.1/declined/* 7692/5.1/* 7692/7.1/quoted/*",
          "RFC 7692 §7.1, §5.1",
          "A server MUST decline an offer with an unknown, doubled or invalid parameter: it accepts the"
          " next one, or goes on without the extension. To accept it breaks that, and so does refusing"
          " the whole handshake, where the client would have gone on without."),
    Cause("Offers that are answered wrongly",
          "7692/7.1/accepted/* 7692/7.1.1/context/* 7692/7.1.2*", "RFC 7692 §7.1",
          "server_no_context_takeover and server_max_window_bits are accepted by repeating them, with a"
          " value that is no larger; a server that cannot do it declines the offer."),
    Cause("RSV1 where it must not be", "7692/6/rsv1/*", "RFC 7692 §6",
          "RSV1 belongs to the first frame of a compressed message, not to control frames or"
          " continuations."),
    Cause("BFINAL", "7692/7.2.2/final/*", "RFC 7692 §7.2.2, §7.2.3.4",
          "A block with BFINAL ends a DEFLATE stream, not the connection's compression. zlib says"
          " Z_STREAM_END there, and whoever does not go on loses every message that follows."),
    Cause("Compressed messages that end early", "7692/7.2.2/truncated/*",
          "RFC 7692 §7.2.2, RFC 6455 §10.7",
          "Data MUST always be validated; what was cut off is no DEFLATE, and is delivered as if it"
          " were whole."),
    Cause("Data that are no DEFLATE", "7692/7.2.2/corrupt/*", "RFC 7692 §7.2.2, RFC 6455 §7.1.1",
          "What cannot be decompressed fails the connection, and the server closes TCP."),
    Cause("Empty compressed messages", "7692/7.2.2/empty/* 7692/6/mixed/empty 7692/7.2.3.*",
          "RFC 7692 §7.2.3",
          "An empty message is compressed as one octet, 00, and is a message like others."),
    # Robustness
    Cause("Compression bombs", "robustness/bomb/*", "RFC 6455 §10.4",
          "Limits hold for what a message becomes; a server without a limit by default keeps it all."),
    Cause("Peers that do not read", "robustness/deaf/*", "RFC 6455 §10.4",
          "What waits for a peer that does not read is bounded, and is sent when it reads on."),
    Cause("Garbage", "robustness/garbage/*", "RFC 6455 §10.7",
          "What is no frame is a reason to drop the connection."),
    Cause("Rest after a hostile case", "robustness/*", "RFC 6455 §10.4, §7.1.1",
          "Descriptors, memory and the processor come back to where they were."),
]
