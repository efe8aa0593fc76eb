import HTTP
import Testing

@Suite("RFC 9110 §11 HTTP authentication")
struct CredentialsTests {
  @Test func `credentials are read by their scheme`() {
    #expect(
      Credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        == .basic(user: "Aladdin", password: "open sesame"))
    #expect(Credentials("basic dTphOmI=") == .basic(user: "u", password: "a:b"))
    #expect(Credentials("Bearer mF_9.B5f-4.1JqM==") == .bearer("mF_9.B5f-4.1JqM=="))
    #expect(Credentials("Digest a=b") == .other(scheme: "digest", text: "a=b"))
  }

  @Test(arguments: ["", "Basic", "Basic !", "Basic YWI=", "Basic YQo6Yg==", "Bearer", "Bearer a b"])
  func `malformed credentials are none`(value: String) {
    #expect(Credentials(value) == nil)
  }

  @Test func `a challenge quotes its parameters`() {
    let challenge = Challenge("Basic", ["realm": "a \"b\" \\", "charset": "UTF-8"])
    #expect(challenge.description == "Basic charset=\"UTF-8\", realm=\"a \\\"b\\\" \\\\\"")
    #expect(Challenge("Bearer").description == "Bearer")
  }
}
