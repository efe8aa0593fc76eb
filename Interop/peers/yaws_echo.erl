%% An echo server on Yaws. Usage: erl -noshell -pa FOLDER -run yaws_echo start PORT
-module(yaws_echo).
-export([start/1, out/1, handle_message/1]).

start([Port]) ->
  Folder = filename:dirname(code:which(?MODULE)),
  Server = [{listen, {127, 0, 0, 1}}, {port, list_to_integer(Port)}, {appmods, [{"/", ?MODULE}]},
            {flags, [{access_log, false}, {auth_log, false}]}],
  ok = yaws:start_embedded(Folder, Server, [{logdir, Folder}], "echo").

out(_) -> {websocket, ?MODULE, []}.

handle_message({Kind, Message}) when Kind =:= text; Kind =:= binary ->
  {reply, {Kind, Message}};
handle_message({close, Status, _}) ->
  {close, Status}.
