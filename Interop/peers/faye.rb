# An echo server on faye-websocket. Usage: faye.rb PORT
require 'faye/websocket'
require 'thin'

Faye::WebSocket.load_adapter('thin')

app = lambda do |env|
  next [426, { 'Content-Type' => 'text/plain' }, []] unless Faye::WebSocket.websocket?(env)

  socket = Faye::WebSocket.new(env)
  socket.on(:message) { |event| socket.send(event.data) }
  socket.rack_response
end

Thin::Logging.silent = true
Thin::Server.start('127.0.0.1', Integer(ARGV[0]), app, signals: false)
