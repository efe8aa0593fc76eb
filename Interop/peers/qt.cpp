// An echo server on Qt WebSockets. Usage: qt PORT
#include <QCoreApplication>
#include <QWebSocket>
#include <QWebSocketServer>

int main(int argc, char** argv) {
  QCoreApplication app{argc, argv};
  if (argc != 2) return 2;
  QWebSocketServer server{"qt", QWebSocketServer::NonSecureMode};
  QObject::connect(&server, &QWebSocketServer::newConnection, [&] {
    QWebSocket* socket = server.nextPendingConnection();
    QObject::connect(socket, &QWebSocket::textMessageReceived, socket, &QWebSocket::sendTextMessage);
    QObject::connect(socket, &QWebSocket::binaryMessageReceived, socket, &QWebSocket::sendBinaryMessage);
    QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
  });
  return server.listen(QHostAddress::LocalHost, atoi(argv[1])) ? app.exec() : 1;
}
