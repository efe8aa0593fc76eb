/// The certificate with which a server presents itself as `localhost`, by what is wrong with it.
public enum ServerCertificate: String, Hashable, Sendable, CaseIterable {
  /// Nothing: it is for the name, valid, and issued by the authority that the client trusts.
  case trusted
  /// It is for another name.
  case otherName = "other-name"
  /// It has the name as the subject's common name, and another as the name that it is for.
  case commonName = "common-name"
  /// It has ended.
  case expired
  /// It has not begun.
  case notYetValid = "not-yet-valid"
  /// An authority that the client does not know has issued it.
  case unknownAuthority = "unknown-authority"
  /// It has issued itself.
  case selfSigned = "self-signed"
  /// It names the authority that the client trusts, which has not signed it.
  case forged
  /// A server's certificate, which may issue none, has issued it.
  case issuedByServer = "issued-by-server"
  /// It is for clients.
  case forClients = "for-clients"
}
