#!/usr/bin/perl
# An echo server on Mojolicious. Usage: mojolicious.pl PORT
use Mojolicious::Lite -signatures;
use Mojo::Server::Daemon;

websocket '/*any' => {any => ''} => sub ($c) {
  $c->tx->with_compression;
  $c->tx->max_websocket_size(2**25);
  $c->on(text   => sub ($c, $octets) { $c->send({text   => $octets}) });
  $c->on(binary => sub ($c, $octets) { $c->send({binary => $octets}) });
};

app->log->level('fatal');
Mojo::Server::Daemon->new(app => app, silent => 1, listen => ["http://127.0.0.1:$ARGV[0]"])->run;
